/**
 * The TensorFlow.js engine: `createTfjsEngine({ backend: 'wasm' })`.
 *
 * @module
 */
export { createTfjsEngine, type TfjsEngineOptions } from './create-engine.ts';
export { type TfjsBackend } from './backend.ts';
