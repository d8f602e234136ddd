import { expect, test } from 'vitest';
import { GradcamError } from '../../../src/base/errors.ts';
import type { GraphBuilder } from '../../../src/readers/graph/graph-builder.ts';
import { readOutputs, type GraphOutput } from '../../../src/readers/graph/outputs.ts';

/** Reads outputs of which only `scores` can be explained. */
function noteOutputs(names: readonly string[], reasonOf: (name: string) => string): string[] {
  const notes: string[] = [];
  const read = (name: string): GraphOutput => {
    if (name === 'scores') return { name } as GraphOutput;
    throw new GradcamError('unsupported', reasonOf(name));
  };
  readOutputs({ notes } as unknown as GraphBuilder, ['scores', ...names], read, 'net');
  return notes;
}

test('outputs that are left out for one reason are one line with their number', () => {
  const whole = (name: string): string => `net: output '${name}' holds whole numbers`;
  expect(noteOutputs(['a', 'b', 'c', 'd'], whole)).toEqual([
    "4 outputs are left out (a, b, c, ..), the first because: net: output 'a' holds whole numbers",
  ]);
  expect(noteOutputs(['a', 'b'], () => 'node n (Loop): loops are not supported')).toEqual([
    '2 outputs are left out (a, b), the first because: node n (Loop): loops are not supported',
  ]);
});

test('each reason has its own line', () => {
  expect(noteOutputs(['a', 'b'], (name) => `net: output '${name}' has shape [${name}]`)).toEqual([
    "an output is left out: net: output 'a' has shape [a]",
    "an output is left out: net: output 'b' has shape [b]",
  ]);
});
