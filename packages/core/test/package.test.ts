import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));
const manifest = JSON.parse(
  readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'),
) as Record<string, Record<string, unknown>>;

/** Packages that an entry and all files it reaches import, types left out. */
function importedPackages(entry: string): string[] {
  const files = new Set<string>();
  const packages = new Set<string>();
  const pending = [path.join(source, entry)];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const text = readFileSync(file, 'utf8');
    const imports = text.matchAll(
      /^(?:import|export)\s(?!type\b)[^;]*?from '([^']+)'|\bimport\('([^']+)'\)/gm,
    );
    for (const match of imports) {
      const name = (match[1] ?? match[2])!;
      if (name.startsWith('.')) pending.push(path.resolve(path.dirname(file), name));
      else packages.add(name);
    }
  }
  return [...packages].sort();
}

/** The packages of tfjs that its three engines load. */
const tfjsPackages = [
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-backend-webgl',
  '@tensorflow/tfjs-backend-webgpu',
  '@tensorflow/tfjs-converter',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
];

describe('what an entry needs at run time', () => {
  test('the root: nothing at all', () => {
    expect(importedPackages('index.ts')).toEqual([]);
  });

  test('./evidence: nothing', () => {
    expect(importedPackages('evidence/index.ts')).toEqual([]);
  });

  test('./export: nothing', () => {
    expect(importedPackages('export/index.ts')).toEqual([]);
  });

  test('./browser: the engine that the short way starts, when it starts it', () => {
    expect(importedPackages('browser/index.ts')).toEqual([...tfjsPackages, 'onnxruntime-web/wasm']);
  });

  test('./node: Node, the optional sharp, and the engine that the short way starts', () => {
    expect(importedPackages('node/index.ts')).toEqual([
      ...tfjsPackages,
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:module',
      'node:os',
      'node:path',
      'node:url',
      'node:util',
      'node:zlib',
      'onnxruntime-node',
      'sharp',
    ]);
  });

  test('./layers: the same, and tfjs-layers', () => {
    expect(importedPackages('engines/tfjs-layers/index.ts')).toEqual([
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgl',
      '@tensorflow/tfjs-backend-webgpu',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-layers',
    ]);
  });

  test('./graph-model: the same, and tfjs-converter', () => {
    expect(importedPackages('engines/graph-model/index.ts')).toEqual([
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgl',
      '@tensorflow/tfjs-backend-webgpu',
      '@tensorflow/tfjs-converter',
      '@tensorflow/tfjs-core',
    ]);
  });

  test('./tfjs: tfjs-core and the backend that is asked for', () => {
    expect(importedPackages('engines/tfjs/index.ts')).toEqual([
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgl',
      '@tensorflow/tfjs-backend-webgpu',
      '@tensorflow/tfjs-core',
    ]);
  });
});

describe('package.json', () => {
  test('has no dependency that every user must install: each is a peer, and optional', () => {
    expect(manifest['dependencies']).toBeUndefined();
    const optional = Object.keys(manifest['peerDependenciesMeta'] ?? {});
    expect(optional.sort()).toEqual(Object.keys(manifest['peerDependencies'] ?? {}).sort());
  });
});
