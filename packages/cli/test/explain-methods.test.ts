import { methods, parseResults, presetNames, type ResultLine } from '@gradcam/core';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import npyjs from 'npyjs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';
import { models } from './demo-nets.ts';

const scene = path.join(root, 'demo/scenes/street.png');
/** Of demo/scenes/scenes.json: 384 x 256 pixels. */
const SIZE = [384, 256];

function explainStreet(...flags: string[]): Promise<{ out: string; line: ResultLine }> {
  return explainInto(path.join(makeTemporaryFolder(), 'run'), ...flags);
}

async function explainInto(
  out: string,
  ...flags: string[]
): Promise<{ out: string; line: ResultLine }> {
  const { code, stderr } = await runCommand([
    ...['explain', scene, '--model', 'demo-resnet', '--models', models, '--out', out, ...flags],
  ]);
  expect(code, stderr).toBe(0);
  const { lines } = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'));
  return { out, line: lines[0] as ResultLine };
}

test('every method of the registry writes its files', async () => {
  const names = methods.map(({ name }) => name);
  const { out, line } = await explainStreet(
    ...['--method', names.join(','), '--target', 'car', '--runs', '8'],
  );
  expect(line.explanations.map(({ method }) => method)).toEqual(names);
  for (const { method, grid, files } of line.explanations) {
    const bytes = readFileSync(path.join(out, files['raw']!));
    const { shape } = new npyjs().parse(new Uint8Array(bytes).buffer);
    const { map, usesLayer } = methods.find(({ name }) => name === method)!;
    const size = usesLayer ? '8,8' : '128,128';
    expect([method, map === 'grid' ? size : '128,128,3']).toEqual([method, shape.join()]);
    expect(grid).toEqual(shape.slice(0, 2));
    const { width, height } = await sharp(path.join(out, files['overlay']!)).metadata();
    expect([width, height]).toEqual(SIZE);
  }
});

test('two layers whose names differ in a mark only keep files of their own', async () => {
  const { out, line } = await explainStreet('--layer', 'block3/unit_2,block3/unit_3,block2');
  const files = line.explanations.flatMap((explanation) => Object.values(explanation.files));
  expect(new Set(files).size).toBe(9);
  expect(files.every((file) => existsSync(path.join(out, file)))).toBe(true);
});

test('layers with + between give one map, by a name that every file system takes', async () => {
  const { line } = await explainStreet('--layer', 'block2+block3', '--target', 'car');
  const [explanation] = line.explanations;
  expect(explanation).toMatchObject({ layer: 'block2+block3', grid: [8, 8] });
  for (const file of Object.values(explanation!.files)) expect(file).toMatch(/^[a-z0-9._/-]+$/);
});

/** Of the options of peers, one. */
const likes = presetNames.filter((name) => !name.includes(':') || name === 'captum:signed');

describe('--like', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-like-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A map and its overlay. */
  type Files = Record<'raw' | 'overlay', Buffer>;
  const own = {} as Record<'grad-cam' | 'cnn-fixations', Files>;
  const flags = ['--target', 'car'];

  function readFiles(out: string, { files }: ResultLine['explanations'][number]): Files {
    const read = (kind: string): Buffer => readFileSync(path.join(out, files[kind]!));
    return { raw: read('raw'), overlay: read('overlay') };
  }

  // The same for every preset, in one run.
  beforeAll(async () => {
    const names = ['grad-cam', 'cnn-fixations'] as const;
    const method = ['--method', names.join(',')];
    const { out, line } = await explainInto(path.join(folder, 'own'), ...flags, ...method);
    for (const [i, name] of names.entries()) own[name] = readFiles(out, line.explanations[i]!);
  });

  test.each(likes)(
    '%s changes the picture, not the raw map, and the run says so',
    async (preset) => {
      const method = preset === 'cnn-fixations' ? preset : 'grad-cam';
      const like = await explainStreet(...flags, '--method', method, '--like', preset);
      const { raw, overlay } = readFiles(like.out, like.line.explanations[0]!);
      expect(raw.equals(own[method].raw)).toBe(true);
      expect(overlay.equals(own[method].overlay)).toBe(false);
      const run = JSON.parse(readFileSync(path.join(like.out, 'run.json'), 'utf8')) as {
        settings: { like: string };
      };
      expect(run.settings.like).toBe(preset);
    },
  );
});

test('a method that the peer does not offer is refused by name', async () => {
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stderr } = await runCommand([
    ...['explain', scene, '--model', 'demo-resnet', '--models', models, '--out', out],
    ...['--method', 'hires-cam', '--like', 'captum'],
  ]);
  expect([code, existsSync(out)], stderr).toEqual([65, false]);
  expect(stderr).toMatch(/hires-cam is not offered by this peer, captum/);
});
