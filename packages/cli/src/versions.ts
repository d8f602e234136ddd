import { findOnnxRuntime } from '@gradcam/core/node';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ownVersion } from './own-version.ts';

/** Versions of the programs that compute the results: this program, Node and the engine's runtime. */
export function listVersions(engine: string): Record<string, string> {
  const runtime = engine.startsWith('onnx') ? 'onnxruntime-node' : '@tensorflow/tfjs-core';
  const version =
    runtime === 'onnxruntime-node' ? findOnnxRuntime()?.version : readPackageVersion(runtime);
  return {
    gradcam: ownVersion,
    node: process.versions.node,
    [runtime]: version ?? 'unknown',
  };
}

function readPackageVersion(name: string): string {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
