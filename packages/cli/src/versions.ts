import { version_core as tfjsVersion } from '@tensorflow/tfjs-core';
import sharp from 'sharp';

/** Versions that a run records: ours, Node's, the runtimes'. */
export function listVersions(own: string): Record<string, string> {
  return {
    gradcam: own,
    node: process.versions.node,
    'tfjs-core': tfjsVersion,
    sharp: sharp.versions.sharp ?? 'unknown',
  };
}
