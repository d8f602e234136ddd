import { isFailure } from '@gradcam/core';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeTemporaryFolder, runCommand } from '../run-command.ts';
import { explainArgs, readLines, readRun, scenes, writeNoise } from './demo-run.ts';

/**
 * The largest difference of two scores or of two maps, of a map's largest value. Measured: none; a kernel
 * might add up a batch in another order than one image.
 */
const IN_A_BATCH = 1e-6;

async function explainFolder(images: readonly string[], ...flags: string[]): Promise<string> {
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stderr } = await runCommand(explainArgs(images, out, ...flags));
  expect([code, stderr]).toEqual([1, expect.stringContaining('torn.png')]);
  return out;
}

/** What each line says, without its time, with the raw maps instead of the names of their files. */
function readAll(out: string) {
  return readLines(out).map((line) => {
    if (isFailure(line)) return { ...line, maps: [], scores: [] };
    const { explanations, ...rest } = line;
    const maps = explanations.map(({ files }) => {
      const npy = readFileSync(path.join(out, files['raw']!));
      const header = 10 + npy.readUInt16LE(8);
      return new Float32Array(Uint8Array.from(npy.subarray(header)).buffer);
    });
    const named = explanations.map(({ method, layer, target }) => [method, layer, target]);
    return { image: rest.image, sha256: rest.sha256, view: rest.view, named, maps };
  });
}

function withoutMaps<T extends { maps: unknown }>(line: T): Omit<T, 'maps'> {
  return { ...line, maps: undefined };
}

test.each(['onnx', 'wasm'])(
  'on %s, images of several sizes in batches have the numbers of each alone, in order, and a torn one fails alone',
  async (engine) => {
    const folder = path.join(makeTemporaryFolder(), 'images');
    mkdirSync(folder);
    const small = await writeNoise(folder, 6);
    const torn = path.join(folder, 'torn.png');
    writeFileSync(torn, readFileSync(small[0]!).subarray(0, 60));
    const given = [...small.slice(0, 4), torn, path.join(scenes, 'cat-and-dog.png')];
    const images = [...given, ...small.slice(4)];
    const flags = ['--target', 'top1', '--target', 'cat', '--engine', engine];
    const alone = await explainFolder(images, ...flags, '--batch', '1');
    const three = await explainFolder(images, ...flags, '--batch', '3');
    const auto = await explainFolder(images, ...flags);
    expect([alone, three, auto].map((out) => readRun(out).batch)).toEqual([1, 3, 8]);
    const expected = readAll(alone);
    expect(expected).toHaveLength(images.length);
    for (const out of [three, auto]) {
      const found = readAll(out);
      expect(found.map(withoutMaps)).toEqual(expected.map(withoutMaps));
      for (const [i, { maps }] of found.entries()) {
        for (const [m, map] of maps.entries()) {
          const other = expected[i]!.maps[m]!;
          const largest = Math.max(...other.map(Math.abs));
          const worst = Math.max(...map.map((value, j) => Math.abs(value - other[j]!)));
          expect(worst).toBeLessThanOrEqual(IN_A_BATCH * largest);
        }
      }
    }
  },
);

test('methods that fill their passes with one image run one image at a time, and --debug says so', async () => {
  const out = path.join(makeTemporaryFolder(), 'run');
  const images = [path.join(scenes, 'cat-and-dog.png')];
  const flags = ['--method', 'score-cam', '--runs', '4', '--batch', '2', '--debug'];
  const { code, stderr } = await runCommand(explainArgs(images, out, ...flags));
  expect(code).toBe(0);
  expect(stderr).toContain('one image in one run of the model: score-cam puts many inputs');
  expect(readRun(out).batch).toBe(1);
});
