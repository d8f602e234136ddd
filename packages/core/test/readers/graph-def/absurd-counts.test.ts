import { expect, test } from 'vitest';
import { translateGraph } from '../../../src/readers/graph-def/translate-graph.ts';

const HUGE = 2 ** 30;

/** `op` of a picture `x` and a constant of integers. */
function read(op: string, attr: object, input: string[], integers: readonly number[]) {
  const shape = { dim: [-1, 8, 8, 3].map((size) => ({ size: String(size) })) };
  const node = [
    { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape } } },
    { name: 'k', op: 'Const' },
    { name: 'y', op, input, attr },
  ];
  return translateGraph({
    name: 'absurd',
    topology: { node },
    signature: undefined,
    weights: [{ name: 'k', shape: integers.length === 1 ? [] : [integers.length], dtype: 'int32' }],
    bytes: Int32Array.from(integers).buffer,
  });
}

test('as many copies as no memory holds are refused before they are listed', () => {
  expect(() => read('Tile', {}, ['x', 'k'], [1, HUGE, 1, 1])).toThrow(
    `${HUGE} copies of axis 1 of 8`,
  );
});

test('more parts than an axis has places are refused before they are listed', () => {
  const attr = { num_split: { i: String(HUGE) } };
  expect(() => read('Split', attr, ['k', 'x'], [1])).toThrow(`${HUGE} parts of an axis of 8`);
});
