import { temporaryName } from '@gradcam/core/node';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { serveRun, type RunServer } from '../../src/commands/view/serve-run.ts';
import { keepThumbnails } from '../../src/commands/view/thumbnails.ts';

let folder: string;
let server: RunServer;
const cache = (): string => join(folder, 'cache');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gradcam-thumbnails-'));
  for (const name of ['page', 'run/images', 'cache']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await writeFile(join(folder, 'page/index.html'), 'page');
  // Noise does not compress: 1600 x 1000 of it are nearly 5 MB.
  const [width, height] = [1600, 1000];
  const raw = { raw: { width, height, channels: 3 } } as const;
  const large = await sharp(randomBytes(width * height * 3), raw)
    .png()
    .toBuffer();
  await writeFile(join(folder, 'run/images/large.png'), large);
  const small = { create: { width: 40, height: 30, channels: 3, background: '#a04020' } } as const;
  await sharp(small).png().toFile(join(folder, 'run/images/small.png'));
  await writeFile(join(folder, 'run/images/torn.png'), large.subarray(0, large.length / 2));
  await writeFile(join(folder, 'run/raw.npy'), large);
  const old = join(cache(), 'old.webp');
  await writeFile(old, 'forgotten');
  const longAgo = new Date(Date.now() - 40 * 24 * 3600 * 1000);
  await utimes(old, longAgo, longAgo);
  const [run, page] = [join(folder, 'run'), join(folder, 'page')];
  server = await serveRun({ run, page, thumbnails: cache() });
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const ask = (path: string, side = 640): Promise<Response> =>
  fetch(`${server.url}thumbnails/${side}/${path}`);

test('a large picture comes in the size of the grid, made once', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, () => ask('images/large.png')));
  const bytes = Buffer.from(await answers[0]!.arrayBuffer());
  expect(answers[0]!.headers.get('content-type')).toBe('image/jpeg');
  const { width, height, format } = await sharp(bytes).metadata();
  expect([width, height, format]).toEqual([640, 400, 'jpeg']);
  expect(await readdir(cache())).toHaveLength(1);
  await Promise.all(answers.slice(1).map((answer) => answer.arrayBuffer()));
});

test('a picture as WebP has small versions too, as runs with --format webp need them', async () => {
  const file = join(folder, 'run/images/large.webp');
  await sharp(join(folder, 'run/images/large.png')).webp({ quality: 100 }).toFile(file);
  const answer = await ask('images/large.webp', 320);
  const { width, height, format } = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
  expect([width, height, format]).toEqual([320, 200, 'jpeg']);
  await rm(file);
});

test('each size is one of its own, and there are no others', async () => {
  const bytes = Buffer.from(await (await ask('images/large.png', 320)).arrayBuffer());
  const { width, height } = await sharp(bytes).metadata();
  expect([width, height]).toEqual([320, 200]);
  for (const side of [0, 321, 100_000]) {
    expect((await ask('images/large.png', side)).status).toBe(404);
  }
});

test('the colours are those of the picture, and what is transparent stays so', async () => {
  // Red and blue halves under noise of 16 levels; the left half of the second picture is half transparent.
  const [width, height] = [600, 300];
  const noise = randomBytes(width * height);
  for (const channels of [3, 4] as const) {
    const data = Buffer.alloc(width * height * channels);
    for (let i = 0; i < width * height; i++) {
      const isLeft = i % width < width / 2;
      data[i * channels + (isLeft ? 0 : 2)] = 200 + (noise[i]! >> 4);
      if (channels === 4) data[i * channels + 3] = isLeft ? 128 : 255;
    }
    const name = `halves-${channels}.png`;
    await sharp(data, { raw: { width, height, channels } })
      .png()
      .toFile(join(folder, 'run/images', name));
    const answer = await ask(`images/${name}`, 320);
    expect(answer.headers.get('content-type')).toBe(channels === 3 ? 'image/jpeg' : 'image/webp');
    const small = sharp(Buffer.from(await answer.arrayBuffer()));
    const means = async (left: number): Promise<number[]> => {
      const half = await small
        .clone()
        .extract({ left, top: 0, width: 150, height: 160 })
        .toBuffer();
      return (await sharp(half).stats()).channels.map(({ mean }) => mean);
    };
    // Noise of 0 to 15 has a mean of 7.5; a step for the codec's rounding.
    const [left, right] = [await means(0), await means(170)];
    const expected = [
      [207.5, 0, 0, 128],
      [0, 0, 207.5, 255],
    ];
    for (const [side, found] of [left, right].entries()) {
      for (const [channel, mean] of found.entries()) {
        expect(Math.abs(mean - expected[side]![channel]!), `${name} ${side}`).toBeLessThan(4);
      }
    }
  }
});

test('a picture that is written anew gets a new one', async () => {
  await (await ask('images/large.png')).arrayBuffer();
  const before = await readdir(cache());
  const changed = new Date(Date.now() - 5000);
  await utimes(join(folder, 'run/images/large.png'), changed, changed);
  await (await ask('images/large.png')).arrayBuffer();
  expect(await readdir(cache())).toHaveLength(before.length + 1);
});

test('of what a fast scroll asks for, only what is still in the window is made', async () => {
  const source = await readFile(join(folder, 'run/images/large.png'));
  const files = await Promise.all(
    Array.from({ length: 24 }, async (_, i) => {
      const file = join(folder, `run/images/many-${i}.png`);
      await writeFile(file, source);
      return file;
    }),
  );
  const own = join(folder, 'cache-of-a-scroll');
  const thumbnails = keepThumbnails(own);
  // The others have left the window before their turn.
  const wanted = [0, 22, 23];
  const found = await Promise.all(
    files.map((file, i) => thumbnails.find(file, 320, () => wanted.includes(i))),
  );
  const made = found.flatMap((file, i) => (file.endsWith('.jpg') ? [i] : []));
  expect(made).toEqual(wanted);
  expect(found.filter((_, i) => !wanted.includes(i))).toEqual(
    files.filter((_, i) => !wanted.includes(i)),
  );
  expect(await readdir(own)).toHaveLength(wanted.length);
});

test('a small picture, and one that cannot be read, come as they are', async () => {
  for (const name of ['images/small.png', 'images/torn.png']) {
    const bytes = Buffer.from(await (await ask(name)).arrayBuffer());
    expect(bytes.equals(await readFile(join(folder, 'run', name)))).toBe(true);
  }
  expect((await readdir(cache())).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('only pictures of the run have one', async () => {
  for (const path of ['raw.npy', 'images/none.png', '%2e%2e/page/index.html', 'images']) {
    expect((await ask(path)).status).toBe(404);
  }
});

test('one that nobody looked at for a month is gone', async () => {
  await expect.poll(() => readdir(cache())).not.toContain('old.webp');
});

test('of a server that was killed nothing half-made stays', async () => {
  const kept = join(folder, 'kept');
  await mkdir(kept);
  const { pid } = spawnSync(process.execPath, ['--version']);
  const living = temporaryName(join(kept, '.making-'));
  const dead = living.replace(`-${process.pid}-`, `-${pid}-`);
  for (const file of [living, dead]) await writeFile(file, 'half');
  keepThumbnails(kept);
  await vi.waitFor(async () => expect(await readdir(kept)).toEqual([basename(living)]));
});
