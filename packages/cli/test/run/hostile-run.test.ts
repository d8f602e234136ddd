import { type ResultLine } from '@gradcam/core';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, runCommand } from '../run-command.ts';
import { explainArgs, readLines, readRun, writeNoise } from './demo-run.ts';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** A run of one image that is done, copied for each test. */
let base: string;
let photo: string;
/** Beside the run: what must stay as it is, and the run. */
let precious: string;
let run: string;

const save = ['--save', 'overlay,raw'];

beforeAll(async () => {
  base = mkdtempSync(path.join(tmpdir(), 'gradcam-base-'));
  [photo] = (await writeNoise(base, 1)) as [string];
  const { code, stderr } = await runCommand(explainArgs([photo], path.join(base, 'run'), ...save));
  expect(code, stderr).toBe(0);
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

beforeEach(async () => {
  const folder = makeTemporaryFolder();
  run = path.join(folder, 'run');
  cpSync(path.join(base, 'run'), run, { recursive: true });
  const json = readRun(run);
  // Relative to the folder of the run, which is another one here.
  writeFileSync(path.join(run, 'run.json'), JSON.stringify({ ...json, files: { original: base } }));
  precious = path.join(folder, 'precious');
  mkdirSync(precious);
  const picture = {
    create: { width: 40, height: 40, channels: 3, background: '#ff0000' },
  } as const;
  await sharp(picture).png().toFile(path.join(precious, 'secret.png'));
});

const resume = (): ReturnType<typeof runCommand> =>
  runCommand(explainArgs([photo], run, '--resume', ...save));

/** Writes the run's line anew, with a change. */
function changeLine(change: (line: Mutable) => void): void {
  const line = JSON.parse(readFileSync(path.join(run, 'results.jsonl'), 'utf8')) as Mutable;
  change(line);
  writeFileSync(path.join(run, 'results.jsonl'), `${JSON.stringify(line)}\n`);
}

interface Mutable {
  explanations: { files: Record<string, string> }[];
}

const nameOfOverlay = (): string =>
  (readLines(run)[0] as ResultLine).explanations[0]!.files['overlay']!;

function expectPreciousKept(): void {
  expect(existsSync(path.join(precious, 'secret.png'))).toBe(true);
}

/** Whether a picture is anywhere of the red that only the secret one has. */
async function showsSecret(file: string): Promise<boolean> {
  const { data } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] === 255 && data[i + 1] === 0 && data[i + 2] === 0) return true;
  }
  return false;
}

describe('a run whose lines name files elsewhere', () => {
  const names = ['../precious/secret.png', '../precious/gone.png', 'gone.png', 'images/gone.png'];

  test.each(names)('%s: nothing is removed or read, exit code 65', async (name) => {
    changeLine((line) => (line.explanations[0]!.files['overlay'] = name));
    const calls = [() => resume(), () => runCommand(['sheet', run])];
    if (name === names[0]) {
      calls.push(() => runCommand(['view', run, '--export', path.join(run, '../page.html')]));
    }
    for (const call of calls) {
      const { code, stderr } = await call();
      expect([code, stderr]).toEqual([
        65,
        `gradcam: ${run}: damaged run: results.jsonl line 1 is not a result: explanations[0].files.overlay: expected a file of the run, images/<folder>/<name>, found ${JSON.stringify(name)}\n`,
      ]);
    }
    expectPreciousKept();
    expect(existsSync(path.join(run, 'run.json'))).toBe(true);
    expect(existsSync(path.join(run, 'sheet.png'))).toBe(false);
  });

  test('a line of another type ends nothing with a stack: exit code 65', async () => {
    for (const explanation of [null, { files: null }, 4]) {
      changeLine((line) => (line.explanations = [explanation as never]));
      for (const { code, stderr } of [await resume(), await runCommand(['sheet', run])]) {
        expect([code, stderr]).toEqual([65, expect.stringContaining('line 1 is not a result')]);
        expect(stderr).not.toContain('    at ');
      }
    }
  });
});

describe('a run with links', () => {
  test('in place of an image folder: what it leads to is kept, the image is made again', async () => {
    const folder = path.dirname(path.join(run, nameOfOverlay()));
    rmSync(folder, { recursive: true });
    symlinkSync(precious, folder);
    writeFileSync(path.join(precious, path.basename(nameOfOverlay())), 'of another');
    const sheet = await runCommand(['sheet', run]);
    expect([sheet.code, sheet.stderr]).toEqual([0, expect.stringMatching(/1 pictures are grey/)]);
    const { code, stderr } = await resume();
    expect([code, stderr]).toEqual([0, expect.stringContaining('0 of 1 images are done')]);
    expectPreciousKept();
    expect(readFileSync(path.join(precious, path.basename(nameOfOverlay())), 'utf8')).toBe(
      'of another',
    );
    expect(lstatSync(folder).isDirectory()).toBe(true);
  });

  test('in place of a picture: it is on no sheet', async () => {
    const picture = path.join(run, nameOfOverlay());
    rmSync(picture);
    symlinkSync(path.join(precious, 'secret.png'), picture);
    const { code, stderr } = await runCommand(['sheet', run]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/1 pictures are grey/)]);
    expect(await showsSecret(path.join(run, 'sheet.png'))).toBe(false);
    rmSync(picture);
    cpSync(path.join(precious, 'secret.png'), picture);
    // The same picture as a file of the run is: the test can tell.
    expect((await runCommand(['sheet', run])).code).toBe(0);
    expect(await showsSecret(path.join(run, 'sheet.png'))).toBe(true);
  });

  test.each(['images', 'results.jsonl', 'run.json'])(
    'in place of %s: it is not resumed, and nothing is written through it',
    async (name) => {
      const there = path.join(precious, name);
      renameSync(path.join(run, name), there);
      symlinkSync(there, path.join(run, name));
      const lines = readFileSync(path.join(run, 'results.jsonl'));
      const { code, stderr } = await resume();
      expect([code, stderr]).toEqual([
        73,
        expect.stringContaining(`${path.join(run, name)}: expected a plain`),
      ]);
      expect(readFileSync(path.join(run, 'results.jsonl')).equals(lines)).toBe(true);
      expectPreciousKept();
    },
  );

  test('under the names of files that are being written: they are not written through', async () => {
    const victim = path.join(precious, 'victim');
    writeFileSync(victim, 'mine');
    for (const name of ['run.json.part', 'results.jsonl.part', `${nameOfOverlay()}.part`]) {
      symlinkSync(victim, path.join(run, name));
    }
    changeLine(
      (line) => (line.explanations[0]!.files['raw'] = nameOfOverlay().replace(/[^/]+$/, 'x.npy')),
    );
    const { code, stderr } = await resume();
    expect(code, stderr).toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
  });

  test('that is itself reached by a link is a run like others', async () => {
    const link = path.join(path.dirname(run), 'link');
    symlinkSync(run, link);
    const { code, stderr } = await runCommand(explainArgs([photo], link, '--resume', ...save));
    expect([code, stderr]).toEqual([0, expect.stringContaining('1 of 1 images are done')]);
  });
});

test('two lines that share a folder: removing what does not hold leaves the other its files', async () => {
  const line = JSON.parse(readFileSync(path.join(run, 'results.jsonl'), 'utf8')) as Mutable;
  const stale = JSON.parse(JSON.stringify(line)) as Mutable & { image: string };
  const [second] = await writeNoise(makeTemporaryFolder(), 1, 7);
  stale.image = second!;
  writeFileSync(
    path.join(run, 'results.jsonl'),
    `${JSON.stringify(line)}\n${JSON.stringify(stale)}\n`,
  );
  const { code, stderr } = await runCommand(
    explainArgs([photo, second!], run, '--resume', ...save),
  );
  expect([code, stderr]).toEqual([0, expect.stringContaining('1 of 2 images are done')]);
  const files = readLines(run).flatMap((one) =>
    Object.values((one as ResultLine).explanations[0]!.files),
  );
  expect(new Set(files).size).toBe(4);
  for (const file of files) expect(existsSync(path.join(run, file))).toBe(true);
});

describe('a run that was not begun', () => {
  test.each([
    ['killed before run.json', { 'results.jsonl': '' }],
    ['on a disk that was full', { 'results.jsonl': '', 'run.json.part': '{"schema"' }],
    ['cut off by power', { 'results.jsonl': '', 'run.json': '' }],
  ])('%s is a new one, with and without --resume', async (_, files) => {
    for (const flags of [[], ['--resume']]) {
      rmSync(run, { recursive: true });
      mkdirSync(run);
      for (const [name, text] of Object.entries(files)) writeFileSync(path.join(run, name), text);
      const { code, stderr } = await runCommand(explainArgs([photo], run, ...save, ...flags));
      expect(code, stderr).toBe(0);
      expect(readRun(run)).toMatchObject({ status: 'done', counts: { done: 1 } });
      expect(existsSync(path.join(run, 'run.json.part'))).toBe(false);
    }
  });

  test('but lines without run.json are not touched', async () => {
    rmSync(path.join(run, 'run.json'));
    const lines = readFileSync(path.join(run, 'results.jsonl'));
    const { code, stderr } = await resume();
    expect([code, stderr]).toEqual([65, expect.stringContaining('no run here (no run.json)')]);
    expect(readFileSync(path.join(run, 'results.jsonl')).equals(lines)).toBe(true);
  });
});
