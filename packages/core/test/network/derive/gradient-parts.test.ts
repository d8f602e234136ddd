import { describe, expect, test } from 'vitest';
import { deriveGradient } from '../../../src/network/derive/derive.ts';
import type { OpKind } from '../../../src/network/op.ts';
import { createEngine } from '../../helper/engines.ts';
import { expectClose } from '../../helper/closeness.ts';
import { nodeNet, type NodeText } from '../../helper/node-net.ts';
import { createRandom, randomArray } from '../../helper/random.ts';

/** Rows of the image, and the factor that the score has for each of them. */
const ROWS = 4;
const factor = [2, 3, 5, 7];

/** The score is the sum of all elements of the taken ranges, each times the factor of its range. */
function takeRanges(ranges: readonly (readonly [start: number, length: number])[]) {
  const parts = ranges.flatMap(([start, length], i): NodeText[] => [
    take(`range ${i}`, start, length),
    {
      name: `scaled ${i}`,
      op: { kind: 'affine', scale: [factor[i]!], offset: [0] },
      inputs: [`range ${i}`],
      shape: [length, 2],
    },
    { name: `sum ${i}`, op: { kind: 'sumTo' }, inputs: [`scaled ${i}`], shape: [1, 1] },
  ]);
  const sums = ranges.map((_, i) => `sum ${i}`);
  return nodeNet([
    { name: 'image', op: { kind: 'input' }, shape: [ROWS, 2] },
    ...parts,
    { name: 'total', op: { kind: 'add' }, inputs: sums, shape: [1, 1] },
    { name: 'score', op: { kind: 'reshape' }, inputs: ['total'], shape: [1] },
  ]);
}

function take(name: string, start: number, length: number): NodeText {
  return {
    name,
    op: { kind: 'slice', axis: 0, start },
    inputs: ['image'],
    shape: [length, 2],
  };
}

const cases = [
  {
    title: 'ranges in order',
    ranges: [
      [0, 1],
      [1, 2],
      [3, 1],
    ],
    rows: [2, 3, 3, 5],
    joins: true,
  },
  {
    title: 'ranges in any order',
    ranges: [
      [2, 2],
      [0, 2],
    ],
    rows: [3, 3, 2, 2],
    joins: true,
  },
  {
    title: 'a gap at the end',
    ranges: [
      [0, 1],
      [1, 2],
    ],
    rows: [2, 3, 3, 0],
    joins: false,
  },
  {
    title: 'a gap before',
    ranges: [
      [1, 1],
      [2, 2],
    ],
    rows: [0, 2, 3, 3],
    joins: false,
  },
  {
    title: 'ranges that overlap',
    ranges: [
      [0, 3],
      [2, 2],
    ],
    rows: [2, 2, 5, 3],
    joins: false,
  },
  {
    title: 'the same range twice',
    ranges: [
      [0, 4],
      [0, 4],
    ],
    rows: [5, 5, 5, 5],
    joins: false,
  },
] as const;

describe('the gradient of a value that is taken in ranges, by hand', () => {
  test.each(cases)('$title', async ({ ranges, rows, joins }) => {
    const { network, weights } = takeRanges(ranges);
    const { nodes } = deriveGradient(network, { seedAt: 'score', wrt: ['image'], relu: 'plain' });
    const kinds = new Set<OpKind>(nodes.map(({ op }) => op.kind));
    expect(kinds.has('concatenate')).toBe(joins);
    expect(kinds.has('pad')).toBe(!joins);

    const image = randomArray(createRandom(1), [1, ROWS, 2]);
    for (const name of ['cpu', 'onnx'] as const) {
      const session = await (await createEngine(name)).open(network, weights);
      const { gradients } = await session.run({
        inputs: { image },
        outputs: [],
        gradient: { seeds: [{ score: 'logit', of: { class: 0 } }], wrt: ['image'], relu: 'plain' },
      });
      const data = Float32Array.from(rows.flatMap((row) => [row, row]));
      expectClose(gradients[0]!.get('image'), { shape: [1, ROWS, 2], data });
      session.dispose();
    }
  });
});
