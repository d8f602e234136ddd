import {
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createByteDigest, type ByteDigest } from '../src/files/byte-digest.ts';
import { openLines, replaceLines, type LinesFile } from '../src/files/lines-file.ts';
import { makeTemporaryFolder } from './helper/temporary-folder.ts';

interface Line {
  readonly image: string;
  readonly error: string;
}

const line = (image: string): Line => ({ image, error: 'no image' });
const first = `${JSON.stringify(line('a'))}\n`;

function digestOf(text: string): ByteDigest {
  const digest = createByteDigest();
  digest.add(Buffer.from(text));
  return digest;
}

/** Two ways to a file that holds the first line: results of an earlier start, and lines that are written anew. */
const ways: Readonly<Record<string, (file: string) => Promise<LinesFile<Line>>>> = {
  'a file that was read': (file) => {
    writeFileSync(file, first);
    return openLines(file, digestOf(first));
  },
  'a file that is written anew': (file) => replaceLines(file, [line('a')]),
};

describe.each(Object.entries(ways))('%s', (_, begin) => {
  test('is verified byte by byte, the lines that it had at first included', async () => {
    const file = path.join(makeTemporaryFolder(), 'results.jsonl');
    const lines = await begin(file);
    await lines.append(line('b'));
    await lines.verify();
    const whole = readFileSync(file, 'utf8');
    expect(whole).toBe('{"image":"a","error":"no image"}\n{"image":"b","error":"no image"}\n');
    for (const other of [whole.replace('"a"', '"c"'), whole.replace('"b"', '"c"')]) {
      writeFileSync(file, other);
      await expect(lines.verify()).rejects.toMatchObject({
        kind: 'cannot-write',
        message: expect.stringContaining('its lines changed'),
      });
    }
    writeFileSync(file, whole);
    await lines.verify();
    writeFileSync(file, `${whole}x`);
    await expect(lines.append(line('d'))).rejects.toMatchObject({ kind: 'cannot-write' });
    await lines.close();
  });

  test.each([
    ['it was removed', (file: string) => rmSync(file)],
    ['it has 5 bytes instead of 33', (file: string) => truncateSync(file, 5)],
    [
      'another file is in its place',
      (file: string) => {
        writeFileSync(`${file}.copy`, first.repeat(2));
        renameSync(`${file}.copy`, file);
      },
    ],
  ])('names what happened: %s', async (what, change) => {
    const file = path.join(makeTemporaryFolder(), 'results.jsonl');
    const lines = await begin(file);
    change(file);
    const message = expect.stringMatching(`another program changed it .*${what}.*--resume`);
    await expect(lines.append(line('b'))).rejects.toMatchObject({ kind: 'cannot-write', message });
    await expect(lines.verify()).rejects.toMatchObject({ kind: 'cannot-write', message });
    await lines.close();
  });

  test('a line that went into a file without a name is an error', async () => {
    const file = path.join(makeTemporaryFolder(), 'results.jsonl');
    const lines = await begin(file);
    copyFileSync(file, `${file}.copy`);
    renameSync(`${file}.copy`, file);
    const message = expect.stringContaining('another file is in its place');
    await expect(lines.append(line('b'))).rejects.toMatchObject({ kind: 'cannot-write', message });
    expect(readFileSync(file, 'utf8')).toBe(first);
    await lines.close();
  });
});

test('what was changed before the file was opened is an error too', async () => {
  const file = path.join(makeTemporaryFolder(), 'results.jsonl');
  writeFileSync(file, first.replace('"a"', '"c"'));
  const lines = await openLines<Line>(file, digestOf(first));
  await lines.append(line('b'));
  await expect(lines.verify()).rejects.toMatchObject({ kind: 'cannot-write' });
  await lines.close();
  truncateSync(file, 3);
  const cut = await openLines<Line>(file, digestOf(first));
  await expect(cut.append(line('b'))).rejects.toMatchObject({ kind: 'cannot-write' });
  await cut.close();
});

test('whenever another program cuts the file, a new line never continues half a line', async () => {
  const folder = makeTemporaryFolder();
  const half = first.slice(0, 10);
  const ends = new Set<string>();
  for (let turns = 0; turns < 400; turns++) {
    const file = path.join(folder, `${turns}.jsonl`);
    const lines = await ways['a file that was read']!(file);
    const appended = lines.append(line('b')).then(
      () => 'appended',
      ({ kind }: { kind: string }) => kind,
    );
    // The turns end before, between and after the check of the size and the write.
    for (let turn = 0; turn < turns % 40; turn++) await new Promise(setImmediate);
    truncateSync(file, half.length);
    const end = await appended;
    await expect(lines.verify()).rejects.toMatchObject({ kind: 'cannot-write' });
    await lines.close();
    ends.add(end);
    expect(readFileSync(file, 'utf8'), `${turns % 40} turns, ${end}`).toBe(half);
  }
  expect([...ends].sort()).toEqual(['appended', 'cannot-write']);
});
