import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from './run-command.ts';

test('nothing imports the thread of the model: it would start where there is no thread', () => {
  const text = readFileSync(path.join(root, 'packages/cli/bundle/thread-main.js'), 'utf8');
  const exported = [...text.matchAll(/^export \{(.*)\}/gm)].map(([, names]) => names!.trim());
  expect(exported.filter((names) => names !== '')).toEqual([]);
});
