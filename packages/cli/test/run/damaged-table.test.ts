import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readTruth } from '../../src/inputs/truth.ts';
import { makeTemporaryFolder } from '../run-command.ts';

/** A line of a terminal or two, and the end of the message with what to do. */
const LONGEST = 1300;

test('a line of megabytes in a table of classes is not repeated whole', async () => {
  const file = path.join(makeTemporaryFolder(), 'truth.csv');
  writeFileSync(file, `a.png,cat\n${'x'.repeat(2_000_000)}\n`);
  const reading = readTruth(file, [], { labels: ['cat'], wnids: [] }, 1);
  const error = await reading.catch((cause: Error) => cause);
  expect(error).toBeInstanceOf(Error);
  const { message } = error as Error;
  expect(message).toContain('line 2: expected path,class; found');
  expect(message.length).toBeLessThan(LONGEST);
});
