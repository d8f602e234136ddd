/**
 * What `explain` needs to do as another library does. It is loaded when the option `like` asks for it: pages
 * that explain wait for the rest of the core.
 */
export { describeSigns } from './describe-signs.ts';
export { explainLikePeer } from './explain-like-peer.ts';
export { findPreset, peerMethod } from './presets.ts';
