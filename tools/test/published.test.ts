import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packAll, published, type Packed } from '../release/pack.mjs';
import { publishedManifest, runtimeName } from '../release/published-manifest.mjs';

/** Npm and the checks take seconds each, on a busy machine many times as long. */
const TIMEOUT = 600_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-published-'));
const readText = (file: string): string => readFileSync(path.join(root, file), 'utf8');
let packed: Packed[] = [];

beforeAll(() => {
  packed = packAll(folder, []);
}, TIMEOUT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(published)('%s as it is published', (name) => {
  const find = (): Packed => packed.find((one) => one.name === `@gradcam/${name}`)!;

  test('has a README, a licence, keywords and a repository, and neither tests nor build info', () => {
    const { files } = find();
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json']));
    expect(files.filter((file) => /(^|\/)test\/|\.tsbuildinfo$|\.test\./.test(file))).toEqual([]);
    expect(readText(`packages/${name}/LICENSE`)).toBe(readText('LICENSE'));
    const manifest = JSON.parse(readText(`packages/${name}/package.json`)) as {
      keywords: string[];
      repository: { directory: string };
    };
    expect(manifest.keywords.length).toBeGreaterThan(3);
    expect(manifest.repository.directory).toBe(`packages/${name}`);
  });

  test(
    'has exports and types that publint and Are The Types Wrong find right',
    { timeout: TIMEOUT },
    async () => {
      const bytes = readFileSync(find().file);
      const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
      const { messages, pkg } = await publint({ pack: { tarball } });
      expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
      const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)));
      // Packages of ES modules: `require` of Node 20 and the resolution of Node 10 are not offered. The pages have no types.
      const resolutions = ['node16-esm', 'bundler'];
      const problems = analysis.types === false ? [] : analysis.problems;
      expect(
        problems.filter(
          (one) => !('resolutionKind' in one) || resolutions.includes(one.resolutionKind),
        ),
      ).toEqual([]);
      expect(analysis.types === false).toBe(name === 'viewer');
    },
  );
});

test('NOTICE stands in the packages that contain material of others', () => {
  for (const name of ['core', 'viewer', 'cli']) {
    expect(readText(`packages/${name}/NOTICE`)).toBe(readText('NOTICE'));
  }
});

test('the package for pages without a bundler has its script, its engines and their notices', () => {
  const { files, size } = packed.find(({ name }) => name === '@gradcam/browser')!;
  const documents = ['README.md', 'LICENSE', 'NOTICE', 'THIRD-PARTY-NOTICES'];
  expect(files).toEqual(expect.arrayContaining([...documents, 'dist/gradcam.js']));
  expect(files).toContain('dist/parts/ort-wasm-simd-threaded.wasm');
  expect(files.filter((file) => !file.startsWith('dist/'))).toHaveLength(documents.length + 1);
  // ONNX Runtime's wasm is 14 MB, of which 3 MB are left when it is packed.
  expect(size).toBeLessThan(8e6);
});

test('the command brings the demo nets and a scene', () => {
  const { files } = packed.find(({ name }) => name === '@gradcam/cli')!;
  const demo = files.filter((file) => file.startsWith('demo/')).sort();
  expect(demo).toEqual([
    'demo/scenes/cat-and-dog.png',
    'demo/weights/demo-resnet.tar.gz',
    'demo/weights/demo-vgg.npy',
    'demo/words/caption/demo-caption.onnx',
    'demo/words/caption/gradcam.json',
    'demo/words/vqa/demo-vqa.keras',
    'demo/words/vqa/gradcam.json',
  ]);
});

test('the published command takes ONNX Runtime from packages that have no install script', () => {
  const manifest = JSON.parse(readText('packages/cli/package.json')) as {
    name: string;
    version: string;
  };
  const cli = publishedManifest(manifest, '1.30.0') as unknown as Record<
    string,
    Record<string, string>
  >;
  expect(cli['optionalDependencies']![runtimeName('linux-x64')]).toBe('1.30.0');
  expect(Object.keys(cli['dependencies']!)).not.toContain('onnxruntime-node');
  expect(Object.keys(cli)).not.toContain('devDependencies');
});
