import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, runCommand, startCommand } from '../run-command.ts';
import { explainArgs, parseJsonLines, readLines, readRun, scenes, writeNoise } from './demo-run.ts';

const scene = path.join(scenes, 'cat-and-dog.png');

/** A folder with images below, other files beside them, and names that look like patterns. */
async function makeFolder(): Promise<string> {
  const folder = makeTemporaryFolder();
  mkdirSync(path.join(folder, 'photos/deep/er'), { recursive: true });
  mkdirSync(path.join(folder, 'photos/.hidden'));
  const [image] = await writeNoise(folder, 1);
  for (const name of ['b.png', 'a.PNG', 'deep/c.png', 'deep/er/d[1].png', '.hidden/x.png', '*.png'])
    copyFileSync(image!, path.join(folder, 'photos', name));
  writeFileSync(path.join(folder, 'photos/notes.txt'), 'not an image');
  return folder;
}

async function listOf(given: readonly string[], cwd: string, input?: string): Promise<string[]> {
  const args = explainArgs(given, path.join(cwd, 'run'), '--json');
  const { code, stdout, stderr } = await startCommand(args, {
    cwd,
    ...(input === undefined ? {} : { input }),
  }).done;
  expect(code, stderr).toBe(0);
  return parseJsonLines(stdout).map(({ image }) => image);
}

describe('which images are meant', () => {
  test('a folder: all images below it by their names, nothing hidden, no other files', async () => {
    const folder = await makeFolder();
    expect(await listOf(['photos'], folder)).toEqual([
      'photos/*.png',
      'photos/a.PNG',
      'photos/b.png',
      'photos/deep/c.png',
      'photos/deep/er/d[1].png',
    ]);
  });

  test('names of JPEG are taken; what else a folder has is counted by what it is', async () => {
    const folder = makeTemporaryFolder();
    mkdirSync(path.join(folder, 'photos'));
    const place = (name: string): string => path.join(folder, 'photos', name);
    const jpeg = await sharp(scene).jpeg().toBuffer();
    for (const name of ['a.jfif', 'b.JPE', 'c.pjpeg']) writeFileSync(place(name), jpeg);
    const bmp = Buffer.alloc(60);
    bmp.write('BM');
    bmp[14] = 40;
    for (const name of ['d.bmp', 'e.bmp', 'f.dib']) writeFileSync(place(name), bmp);
    writeFileSync(place('g.heic'), '\0\0\0\x18ftypheic\0\0\0\0mif1heic');
    writeFileSync(place('h.txt'), 'words');
    writeFileSync(place('i'), 'words');
    const args = explainArgs(['photos'], path.join(folder, 'run'), '--json');
    const { code, stdout, stderr } = await startCommand(args, { cwd: folder }).done;
    expect(code, stderr).toBe(0);
    expect(parseJsonLines(stdout).map(({ image }) => path.basename(image))).toEqual([
      'a.jfif',
      'b.JPE',
      'c.pjpeg',
    ]);
    expect(stderr).toContain(
      'left out: 3 BMP, 1 .txt, 1 HEIC, 1 without extension (only PNG, JPEG, WebP, GIF, TIFF and AVIF are read,',
    );

    // With --quiet nothing is printed of it; the run says it all the same.
    const quiet = explainArgs(['photos'], path.join(folder, 'quiet'), '--quiet');
    expect(await startCommand(quiet, { cwd: folder }).done).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    for (const run of ['run', 'quiet']) {
      const written = readFileSync(path.join(folder, run, 'run.json'), 'utf8');
      expect(JSON.parse(written)).toMatchObject({
        leftOut: { BMP: 3, '.txt': 1, HEIC: 1, 'without extension': 1 },
        counts: { done: 3, failed: 0 },
      });
    }

    // A pattern counts as a folder does, and a file that both reach is counted once.
    for (const [run, given] of [
      ['pattern', ['photos/*']],
      ['both', ['photos', 'photos/*.{bmp,jfif}']],
    ] as const) {
      const flags = explainArgs([...given], path.join(folder, run));
      expect(await startCommand(flags, { cwd: folder }).done).toMatchObject({ code: 0 });
      const written = readFileSync(path.join(folder, run, 'run.json'), 'utf8');
      expect(JSON.parse(written)).toMatchObject({
        leftOut: { BMP: 3, '.txt': 1, HEIC: 1, 'without extension': 1 },
        counts: { done: 3, failed: 0 },
      });
    }

    for (const name of ['a.jfif', 'b.JPE', 'c.pjpeg']) rmSync(place(name));
    const none = await startCommand(explainArgs(['photos'], 'other'), { cwd: folder }).done;
    expect([none.code, none.stderr]).toEqual([
      66,
      expect.stringContaining('no images in photos; left out: 3 BMP, 1 .txt, 1 HEIC'),
    ]);
  });

  test('patterns; a file that has the very name is that file; nothing twice', async () => {
    const folder = await makeFolder();
    expect(await listOf(['photos/**/{c,d*}.png', './photos/deep/c.png'], folder)).toEqual([
      'photos/deep/c.png',
      'photos/deep/er/d[1].png',
    ]);
    const literal = makeTemporaryFolder();
    copyFileSync(scene, path.join(literal, 'x[1].png'));
    copyFileSync(scene, path.join(literal, 'x1.png'));
    expect(await listOf(['x[1].png'], literal)).toEqual(['x[1].png']);
  });

  test.each([
    ['a pattern without a match', ['photos/*.gif'], /as a pattern it matches no image/],
    ['a pattern that matches other files', ['photos/*.txt'], /matches no image \(1 other files\)/],
    ['a name that is not there', ['photos/z.png'], /photos\/z\.png: no such file or folder/],
    ['an empty list', ['-'], /no images in -/],
  ])('%s: exit code 66', async (_, given, message) => {
    const folder = await makeFolder();
    const { code, stderr } = await runCommand(explainArgs(given, 'run'), folder);
    expect(stderr).toMatch(message);
    expect(code).toBe(66);
  });

  test('a list on standard input, with lines of Windows, empty ones and a file that is gone', async () => {
    const folder = await makeFolder();
    const args = explainArgs(['-'], path.join(folder, 'run'), '--json');
    const input = '\ufeffphotos/b.png\r\n\n \t\nphotos/gone.png\nphotos/deep\nphotos/*.png\n';
    const { code, stdout } = await startCommand(args, { cwd: folder, input }).done;
    expect(code).toBe(1);
    expect(parseJsonLines(stdout)).toMatchObject([
      { image: 'photos/b.png', width: 48 },
      { image: 'photos/gone.png', error: 'photos/gone.png: cannot be read (ENOENT)' },
      {
        image: 'photos/deep',
        error: 'photos/deep: cannot be read: expected a regular file, found a folder',
      },
      { image: 'photos/*.png', width: 48 },
    ]);
  });

  test('a list with zero bytes takes names with line ends', async () => {
    const folder = makeTemporaryFolder();
    copyFileSync(scene, path.join(folder, 'two\nlines.png'));
    const args = explainArgs(['-', '-0'], path.join(folder, 'run'), '--json');
    const { code, stdout } = await startCommand(args, { cwd: folder, input: 'two\nlines.png\0' })
      .done;
    expect(code).toBe(0);
    expect(parseJsonLines(stdout).map(({ image }) => image)).toEqual(['two\nlines.png']);
  });

  test("a run's own pictures are no input of the next", async () => {
    const folder = makeTemporaryFolder();
    copyFileSync(scene, path.join(folder, 'scene.png'));
    const first = path.join(folder, 'first');
    await runCommand(explainArgs(['scene.png'], first, '--save', 'overlay'), folder);
    const second = await runCommand(explainArgs(['.'], 'second'), folder);
    expect(second.code).toBe(0);
    expect(second.stderr).toContain('first is a run folder');
    const out = path.join(folder, 'second');
    expect(readLines(out).map(({ image }) => image)).toEqual(['scene.png']);
    expect(readRun(out).files).toEqual({ original: '..' });
  });
});

test('every format gives the classes of the same scene', async () => {
  const folder = makeTemporaryFolder();
  const image = sharp(scene);
  await image.clone().jpeg({ quality: 100 }).toFile(path.join(folder, 'a.jpg'));
  await image.clone().webp({ lossless: true }).toFile(path.join(folder, 'b.webp'));
  await image.clone().gif().toFile(path.join(folder, 'c.gif'));
  await image.clone().tiff().toFile(path.join(folder, 'd.tiff'));
  await image.clone().avif({ quality: 90 }).toFile(path.join(folder, 'e.avif'));
  await image.clone().toColourspace('rgb16').png().toFile(path.join(folder, 'f-16.png'));
  await image.clone().ensureAlpha().png().toFile(path.join(folder, 'g-alpha.png'));
  await image.clone().toColourspace('cmyk').jpeg().toFile(path.join(folder, 'h-cmyk.jpg'));
  copyFileSync(scene, path.join(folder, 'i-mislabelled.jpg'));
  const out = path.join(folder, 'run');
  const { code, stderr } = await runCommand(explainArgs([folder], out, '--json'));
  expect(code, stderr).toBe(0);
  const lines = readLines(out);
  expect(lines).toHaveLength(9);
  for (const line of lines) {
    expect(line).toMatchObject({ width: 256, height: 256 });
    const top = 'predictions' in line ? line.predictions.slice(0, 2) : [];
    expect(top.map(({ label }) => label).sort(), line.image).toEqual(['cat', 'dog']);
  }
});

describe('web addresses', () => {
  let server: Server;
  let base: string;

  beforeAll(async () => {
    const bytes = await sharp(scene).toBuffer();
    server = createServer((request, response) => {
      const redirect = (to: string): void => void response.writeHead(302, { location: to }).end();
      switch (request.url) {
        case '/scene.png':
          return void response.end(bytes);
        case '/moved':
          return redirect('/scene.png');
        case '/circle':
          return redirect('/circle');
        case '/elsewhere':
          return redirect('file:///etc/hostname');
        case '/page.png':
          return void response.end('<!doctype html>');
        case '/large.png':
          return void response.writeHead(200, { 'content-length': String(2 ** 31) }).flushHeaders();
        case '/endless.png': {
          const chunk = Buffer.alloc(2 ** 20);
          const pump = (): void => {
            while (!response.destroyed && response.write(chunk));
          };
          response.on('drain', pump);
          return pump();
        }
        default:
          return void response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('are explained; what cannot be had is a failure of its own', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const names = ['scene.png', 'moved', 'none.png', 'circle', 'elsewhere', 'page.png'];
    const given = [...names, 'large.png', 'endless.png'].map((name) => `${base}/${name}`);
    const nobody = 'http://127.0.0.1:1/x.png';
    const { code } = await runCommand(explainArgs([...given, nobody], out, '--json'));
    expect(code).toBe(1);
    const [scene1, moved, ...failures] = readLines(out);
    expect(scene1).toMatchObject({ image: `${base}/scene.png`, width: 256 });
    expect(moved).toMatchObject({ image: `${base}/moved`, width: 256 });
    expect(failures.map((line) => ('error' in line ? line.error : line.image))).toEqual([
      `${base}/none.png: cannot be downloaded (the server answered with HTTP status 404)`,
      `${base}/circle: cannot be downloaded (more than 5 redirects)`,
      `${base}/elsewhere: cannot be downloaded (it is redirected to file:///etc/hostname)`,
      expect.stringContaining('page.png: not an image that can be decoded'),
      `${base}/large.png: cannot be downloaded (it has more than 64 MB, the limit)`,
      `${base}/endless.png: cannot be downloaded (it has more than 64 MB, the limit)`,
      expect.stringMatching(/x\.png: cannot be downloaded \(.+\)/),
    ]);
  });
});
