import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import { ownVersion } from './own-version.ts';

/** Versions that a run records: ours, Node's, those of the engine's runtime and the decoder. */
export function listVersions(engine: string): Record<string, string> {
  const runtime = engine.startsWith('onnx') ? 'onnxruntime-node' : '@tensorflow/tfjs-core';
  return {
    gradcam: ownVersion,
    node: process.versions.node,
    [runtime]: readPackageVersion(runtime),
    sharp: sharp.versions.sharp ?? 'unknown',
  };
}

function readPackageVersion(name: string): string {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
