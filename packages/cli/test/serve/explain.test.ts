import type { ResultLine } from '@gradcam/core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { models, readLines, scenes } from '../run/demo-run.ts';
import { CELL, INPUT, writeRednessNet } from '../run/redness-net.ts';
import { makeTemporaryFolder, runCommand } from '../run-command.ts';
import { startServe, type Serving } from './start-serve.ts';

const START_MS = 120_000;
const scene = path.join(scenes, 'cat-and-dog.png');
const picture = readFileSync(scene);

let serving: Serving;
beforeAll(async () => {
  serving = await startServe(['--models', models, '--threads', '1']);
}, START_MS);
afterAll(() => serving.stop(), START_MS);

/** Sends a picture as the body. */
function send(
  query: string,
  bytes: Uint8Array<ArrayBuffer> = picture,
  accept = '*/*',
): Promise<Response> {
  return fetch(`${serving.url}/v1/explain?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', accept },
    body: bytes,
  });
}

/** The parts of a line, or an answer, that do not depend on where it was made. */
function withoutPlace({ explanations, ...line }: ResultLine): object {
  const places = ['image', 'ms', 'model', 'engine'];
  return {
    ...Object.fromEntries(Object.entries(line).filter(([name]) => !places.includes(name))),
    explanations: explanations.map((one) => ({ ...one, files: null })),
  };
}

describe('the same picture in a run of the command', () => {
  const flags = ['--method', 'grad-cam,guided-backprop', '--target', 'cat', '--target', 'dog'];
  const query = 'model=demo-resnet&method=grad-cam,guided-backprop&target=cat&target=dog';
  let out: string;
  let line: ResultLine;

  /** Explains scenes with the command. */
  async function explainScenes(
    images: readonly string[],
    ...more: readonly string[]
  ): Promise<void> {
    out = path.join(makeTemporaryFolder(), 'run');
    const asked = ['--model', 'demo-resnet', '--models', models, '--out', out, ...more];
    const { code, stderr } = await runCommand(['explain', ...images, ...asked, '--threads', '1']);
    expect(code, stderr).toBe(0);
    line = readLines(out).find(({ image }) => image.endsWith('cat-and-dog.png')) as ResultLine;
  }

  test('has the same numbers, maps and pictures', { timeout: START_MS }, async () => {
    await explainScenes([scene], ...flags);
    const response = await send(`${query}&save=overlay,heatmap,raw`);
    const answer = (await response.json()) as ResultLine & {
      model: { id: string };
      engine: string;
    };
    expect(response.status).toBe(200);
    expect([answer.model.id, answer.engine]).toEqual(['demo-resnet', 'onnx-cpu']);
    expect(withoutPlace(answer)).toEqual(withoutPlace(line));
    expect(answer.explanations).toHaveLength(4);
    answer.explanations.forEach(({ files }, i) => {
      const expected = line.explanations[i]!.files;
      expect(Object.keys(files)).toEqual(Object.keys(expected));
      for (const [kind, base64] of Object.entries(files)) {
        const bytes = readFileSync(path.join(out, expected[kind]!));
        expect(Buffer.from(base64, 'base64').equals(bytes), kind).toBe(true);
      }
    });
  });

  test('has the same overlay as an answer of type image/png', { timeout: START_MS }, async () => {
    await explainScenes([scene], '--target', 'cat', '--legend', '--colormap', 'viridis');
    const asked = 'model=demo-resnet&target=cat&legend=true&colormap=viridis';
    const response = await send(asked, picture, 'image/png');
    expect(response.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await response.arrayBuffer());
    const file = path.join(out, line.explanations[0]!.files['overlay']!);
    expect(bytes.equals(readFileSync(file))).toBe(true);

    const small = await send(asked, picture, 'image/webp, image/png;q=0.5');
    expect(small.headers.get('content-type')).toBe('image/webp');
    const webp = Buffer.from(await small.arrayBuffer());
    const [lossy, exact] = await Promise.all(
      [webp, bytes].map((one) => sharp(one).removeAlpha().raw().toBuffer()),
    );
    const errors = exact!.map((value, i) => Math.abs(value - lossy![i]!));
    // WebP at quality 90 changes flat parts of a drawing by a step or two, and edges by more.
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(4);
  });

  test('joined with others, gives each its own answer', { timeout: START_MS }, async () => {
    await explainScenes([scenes], '--target', 'top1');
    const lines = readLines(out) as ResultLine[];
    const answers = await Promise.all(
      lines.map(async ({ image }) => {
        const name = path.join(scenes, path.basename(image));
        const response = await send('model=demo-resnet', readFileSync(name));
        return (await response.json()) as ResultLine;
      }),
    );
    expect(answers.length).toBeGreaterThan(3);
    answers.forEach((answer, i) => expect(withoutPlace(answer)).toEqual(withoutPlace(lines[i]!)));
  });
});

test('multipart with JSON options and fields asks for the same', async () => {
  const form = new FormData();
  form.append('image', new Blob([picture]), '../../odd/na\nme.png');
  form.append(
    'options',
    new Blob(['{"target": ["cat", "dog"], "maps": "npy"}'], { type: 'application/json' }),
  );
  form.append('model', 'demo-resnet');
  const response = await fetch(`${serving.url}/v1/explain?method=layer-cam`, {
    method: 'POST',
    body: form,
  });
  const answer = (await response.json()) as ResultLine;
  expect(answer.explanations.map(({ method, target }) => `${method} ${target.label}`)).toEqual([
    'layer-cam cat',
    'layer-cam dog',
  ]);
  expect(answer.image).not.toMatch(/[/\n]/);
  expect(Object.keys(answer.explanations[0]!.files)).toEqual(['raw']);
});

test('a map that is known without running the model', { timeout: START_MS }, async () => {
  const folder = makeTemporaryFolder();
  writeRednessNet(path.join(folder, 'redness'));
  const red = await startServe(['--models', folder, '--engine', 'wasm', '--debug']);
  try {
    // Red in the upper left cell, black elsewhere.
    const pixels = new Uint8Array(INPUT * INPUT * 3);
    for (let y = 0; y < CELL; y++) for (let x = 0; x < CELL; x++) pixels[(y * INPUT + x) * 3] = 255;
    const raw = { width: INPUT, height: INPUT, channels: 3 } as const;
    const body = await sharp(pixels, { raw }).png().toBuffer();
    const response = await fetch(`${red.url}/v1/explain?target=1&layer=cells`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body,
    });
    const answer = (await response.json()) as ResultLine;
    const [{ grid, peak, score }] = answer.explanations as [ResultLine['explanations'][0]];
    expect(grid).toEqual([INPUT / CELL, INPUT / CELL]);
    expect(peak).toEqual({ x: CELL / 2, y: CELL / 2 });
    // One of 64 cells is 1, and the score is the mean over the cells.
    expect(score).toBeCloseTo(1 / 64, 6);
  } finally {
    const { code, stderr } = await red.stop();
    expect(code).toBe(0);
    expect(stderr).toMatch(/opened redness; 1 of at most 2 models open, \d+ MB in use/);
  }
});

test('the list, the description and the methods', async () => {
  const get = async (address: string): Promise<Record<string, never>> =>
    (await (await fetch(`${serving.url}${address}`)).json()) as Record<string, never>;
  const list = (await get('/v1/models'))['models'] as unknown as { id: string }[];
  expect(list.map(({ id }) => id)).toContain('demo-resnet');
  const model = await get('/v1/models/demo-resnet');
  expect(model['input']).toEqual({ height: 128, width: 128, channels: 'rgb', fit: 'crop' });
  expect(model['labels']).toHaveLength(10);
  const methods = (await get('/v1/methods'))['methods'] as unknown as { name: string }[];
  expect(methods.map(({ name }) => name)).toContain('grad-cam');
});
