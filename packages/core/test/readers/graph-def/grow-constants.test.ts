import { expect, test } from 'vitest';
import { integerConstant, type Constant } from '../../../src/readers/graph/constant.ts';
import { createFoldBudget } from '../../../src/readers/graph/fold/budget.ts';
import { createGraphBuilder } from '../../../src/readers/graph/graph-builder.ts';
import { createDefAttributes } from '../../../src/readers/graph-def/def-attributes.ts';
import { foldDefNode } from '../../../src/readers/graph-def/fold-def-node.ts';

const table = integerConstant('table', [1, 2, 3, 4, 5, 6], [2, 3]);

function fold(op: string, inputs: readonly Constant[], attributes: Record<string, unknown> = {}) {
  const title = `node n (${op})`;
  return foldDefNode({
    ...{ name: 'n', title, op, inputs, fused: [] },
    attributes: createDefAttributes(attributes, title),
    builder: createGraphBuilder(),
    budget: createFoldBudget(),
  })!.map(({ shape, values }) => [shape, Array.from(values())]);
}

const list = (...numbers: number[]): Constant => integerConstant('list', numbers);

test('constants grow as TensorFlow says: numbers computed by hand', () => {
  expect(fold('Pad', [table, integerConstant('cells', [1, 0, 0, 2], [2, 2])])).toEqual([
    [
      [3, 5],
      [0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 4, 5, 6, 0, 0],
    ],
  ]);
  expect(
    fold('PadV2', [
      table,
      integerConstant('cells', [0, 0, 1, 0], [2, 2]),
      integerConstant('nine', [9], []),
    ]),
  ).toEqual([
    [
      [2, 4],
      [9, 1, 2, 3, 9, 4, 5, 6],
    ],
  ]);
  expect(fold('Tile', [table, list(1, 2)])).toEqual([
    [
      [2, 6],
      [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6],
    ],
  ]);
  expect(fold('BroadcastTo', [list(7, 8), list(2, 2)])).toEqual([
    [
      [2, 2],
      [7, 8, 7, 8],
    ],
  ]);
  expect(fold('Unpack', [table], { axis: { i: '1' } })).toEqual([
    [[2], [1, 4]],
    [[2], [2, 5]],
    [[2], [3, 6]],
  ]);
});

test.each([
  ['Pad', [table, list(1, 1)], 'cells [1, 1] around [2, 3]'],
  ['Pad', [table, integerConstant('cells', [0, -1, 0, 0], [2, 2])], 'cells'],
  ['Pad', [table, integerConstant('cells', [0, 1e8, 0, 0], [2, 2])], 'limit'],
  ['BroadcastTo', [table, list(4)], 'does not fit'],
  ['Tile', [table, list(1e6, 1e6)], 'limit'],
])('%s of the wrong size is refused', (op, inputs, message) => {
  expect(() => fold(op, inputs)).toThrow(
    expect.objectContaining({ kind: 'model', message: expect.stringContaining(message) }),
  );
});
