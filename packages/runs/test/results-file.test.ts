import { readFileSync, writeFileSync } from 'node:fs';
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
