import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ownVersion } from './own-version.ts';

/** Versions of the programs that compute the results: this program, Node and the engine's runtime. */
export function listVersions(engine: string): Record<string, string> {
  const runtime = engine.startsWith('onnx') ? 'onnxruntime-node' : '@tensorflow/tfjs-core';
  return {
    gradcam: ownVersion,
    node: process.versions.node,
    [runtime]: readPackageVersion(runtime),
  };
}

function readPackageVersion(name: string): string {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
