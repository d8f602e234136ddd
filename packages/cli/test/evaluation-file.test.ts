import { createHash } from 'node:crypto';
import {
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { EvaluatedImage, EvaluationHead } from '../src/commands/evaluate/evaluation.ts';
import { openEvaluation } from '../src/commands/evaluate/evaluation-file.ts';

const head = {
  ...{ schema: 1, model: { id: 'net', digest: 'ab', weights: 'cd' } },
  settings: { methods: ['grad-cam'], layer: 'auto', seed: 1 },
} as unknown as EvaluationHead;

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-evaluation-'));
afterAll(() => rmSync(folder, { recursive: true }));
const sourceOf = ({ image }: { readonly image: string }): string => path.join(folder, image);

/** The first bytes of a PNG, so that the file is taken for a picture. */
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The line of an image that exists, so that it counts as done. */
function lineOf(image: string): EvaluatedImage {
  const bytes = Buffer.concat([PNG, Buffer.from(image)]);
  writeFileSync(sourceOf({ image }), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { image, sha256, width: 1, height: 1, classes: [], settings: {}, ms: {} };
}

const [a, b] = [lineOf('a.png'), lineOf('b.png')];
const textOf = (...lines: readonly object[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const newFolder = (): string => path.join(mkdtempSync(path.join(folder, 'one-')), 'out');

/** Opens a new evaluation in a folder of its own, or an existing one. */
async function open(out: string, resume = false) {
  const file = await openEvaluation(out, head, resume, sourceOf);
  return { file, place: path.join(out, 'evaluation.jsonl') };
}

describe('another program changes evaluation.jsonl while it is written', () => {
  test('whenever it is cut, a new line never continues half a line, and the rest can be resumed', async () => {
    const half = textOf(head, a).slice(0, -10);
    const ends = new Set<string>();
    for (let turns = 0; turns < 400; turns++) {
      const out = newFolder();
      const { file, place } = await open(out);
      await file.append(a);
      const appended = file.append(b).then(
        () => 'appended',
        ({ kind }: { kind: string }) => kind,
      );
      // The turns end before, between and after the check of the size and the write.
      for (let turn = 0; turn < turns % 40; turn++) await new Promise(setImmediate);
      truncateSync(place, half.length);
      const end = await appended;
      // No table is written.
      await expect(file.verify()).rejects.toMatchObject({ kind: 'cannot-write' });
      await file.close();
      ends.add(end);
      expect(readFileSync(place, 'utf8'), `${turns % 40} turns, ${end}`).toBe(half);

      if (turns % 8 > 0) continue;
      const resumed = await open(out, true);
      expect(resumed.file.lines).toEqual([]);
      await resumed.file.append(a);
      await resumed.file.append(b);
      await resumed.file.verify();
      await resumed.file.close();
      expect(readFileSync(place, 'utf8')).toBe(textOf(head, a, b));
    }
    expect([...ends].sort()).toEqual(['appended', 'cannot-write']);
  });

  test.each([
    ['it was removed', (place: string) => rmSync(place), []],
    [
      'another file is in its place',
      (place: string) => {
        writeFileSync(`${place}.other`, textOf(head));
        renameSync(`${place}.other`, place);
      },
      [],
    ],
    ['bytes instead of', (place: string) => writeFileSync(place, textOf(head, a, b)), [a, b]],
  ])('%s: appending and verifying fail, and a resumed one counts what is there', async (...row) => {
    const [what, change, done] = row;
    const { file, place } = await open(newFolder());
    await file.append(a);
    change(place);
    const fault = { kind: 'cannot-write', message: expect.stringContaining(what) };
    await expect(file.append(b)).rejects.toMatchObject(fault);
    await expect(file.verify()).rejects.toMatchObject(fault);
    expect(file.lines).toEqual([a]);
    await file.close();
    const resumed = await open(path.dirname(place), true);
    expect(resumed.file.lines).toEqual(done);
    await resumed.file.close();
  });

  test('other bytes of the same number are seen before the tables are written', async () => {
    const { file, place } = await open(newFolder());
    await file.append(a);
    writeFileSync(place, textOf(head, b));
    const message = expect.stringContaining('its lines changed');
    await expect(file.verify()).rejects.toMatchObject({ kind: 'cannot-write', message });
    writeFileSync(place, textOf(head, a));
    await file.verify();
    await file.close();
  });
});
