import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openResults } from '../src/files/results-file.ts';
import { makeTemporaryFolder } from './helper/temporary-folder.ts';

const line = (image: string) => ({ image, error: 'no image' });

test('the results file is verified byte by byte, lines of an earlier start included', async () => {
  const file = path.join(makeTemporaryFolder(), 'results.jsonl');
  writeFileSync(file, `${JSON.stringify(line('a'))}\n`);
  const results = await openResults(file);
  await results.append(line('b'));
  await results.verify();
  const whole = readFileSync(file, 'utf8');
  expect(whole).toBe('{"image":"a","error":"no image"}\n{"image":"b","error":"no image"}\n');
  for (const other of [whole.replace('"a"', '"c"'), whole.replace('"b"', '"c"')]) {
    writeFileSync(file, other);
    await expect(results.verify()).rejects.toMatchObject({
      kind: 'cannot-write',
      message: expect.stringContaining('its lines changed'),
    });
  }
  writeFileSync(file, whole);
  await results.verify();
  writeFileSync(file, `${whole}x`);
  await expect(results.append(line('d'))).rejects.toMatchObject({ kind: 'cannot-write' });
  await results.close();
});

test('whenever another program cuts the file, a new line never continues half a line', async () => {
  const folder = makeTemporaryFolder();
  const first = `${JSON.stringify(line('a'))}\n`;
  const half = first.slice(0, 10);
  const ends = new Set<string>();
  for (let turns = 0; turns < 400; turns++) {
    const file = path.join(folder, `${turns}.jsonl`);
    writeFileSync(file, first);
    const results = await openResults(file);
    const appended = results.append(line('b')).then(
      () => 'appended',
      ({ kind }: { kind: string }) => kind,
    );
    // The turns end before, between and after the check of the size and the write.
    for (let turn = 0; turn < turns % 40; turn++) await new Promise(setImmediate);
    truncateSync(file, half.length);
    const end = await appended;
    await results.close();
    ends.add(end);
    expect(readFileSync(file, 'utf8'), `${turns % 40} turns, ${end}`).toBe(half);
  }
  expect([...ends].sort()).toEqual(['appended', 'cannot-write']);
});
