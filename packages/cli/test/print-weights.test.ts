import { expect, test } from 'vitest';
import { printWeights } from '../src/commands/inspect/print-weights.ts';

function print(names: readonly string[], skipped: readonly string[] = []): string[] {
  const lines: string[] = [];
  const ignore = (): void => {};
  const terminal = { note: ignore, warn: ignore, debug: ignore, isInteractive: false };
  printWeights(
    {
      format: 'npz',
      tensors: names.map((name) => ({ name, dtype: 'float32', shape: [2], bytes: 8 })),
      skipped: skipped.map((name) => ({ name, reason: 'text' })),
    },
    { ...terminal, out: (line) => void lines.push(line) },
  );
  return lines;
}

test('names with control characters are printed as escapes', () => {
  const [, tensor, entry] = print(['a\u001b[2J\nb'], ['c\u0007']);
  expect(tensor).toMatch(/^a\\u001b\[2J\\nb {2}float32/);
  expect(entry).toBe('c\\u0007: text');
});

test('a long name does not make all lines long', () => {
  const lines = print(['w', 'x'.repeat(4000)]);
  expect(lines[1]!.length).toBeLessThan(150);
  expect(lines[2]).toContain('x'.repeat(4000));
});
