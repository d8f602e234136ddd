import { findCacheDirectory } from '@gradcam/converter/node';
import type { ProofStore } from '@gradcam/core';
import { createProofStore } from '@gradcam/core/node';
import path from 'node:path';

/**
 * Opens the store of proofs that a translated model computes the same as its file. It is in the cache folder
 * beside the compiled graphs.
 */
export function openProofStore(): ProofStore {
  return createProofStore(path.join(findCacheDirectory(), 'proofs'));
}
