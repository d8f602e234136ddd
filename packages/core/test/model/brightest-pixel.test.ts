import { expect, test } from 'vitest';
import type { ManifestWeight } from '../../src/artifact/weights-manifest.ts';
import { brightestPixel } from '../../src/model/brightest-pixel.ts';
import { translateGraph } from '../../src/readers/graph-def/translate-graph.ts';

/** `mean(x * scale + offset)` over rows and columns, as a GraphModel. */
function rescaledMean(scale: number, offset: number) {
  const type = { T: { type: 'DT_FLOAT' } };
  const shape = { dim: [-1, 8, 8, 3].map((size) => ({ size: String(size) })) };
  const weights: ManifestWeight[] = [
    { name: 'scale', shape: [], dtype: 'float32' },
    { name: 'offset', shape: [], dtype: 'float32' },
    { name: 'axes', shape: [2], dtype: 'int32' },
  ];
  const bytes = new ArrayBuffer(16);
  new Float32Array(bytes, 0, 2).set([scale, offset]);
  new Int32Array(bytes, 8, 2).set([1, 2]);
  return translateGraph({
    name: 'rescaled',
    topology: {
      node: [
        {
          name: 'x',
          op: 'Placeholder',
          attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape } },
        },
        ...weights.map(({ name }) => ({ name, op: 'Const' })),
        { name: 'scaled', op: 'Mul', input: ['x', 'scale'], attr: type },
        { name: 'moved', op: 'AddV2', input: ['scaled', 'offset'], attr: type },
        { name: 'y', op: 'Mean', input: ['moved', 'axes'], attr: type },
      ],
    },
    signature: undefined,
    weights,
    bytes,
  });
}

test.each([
  ['x / 255', 1 / 255, 0, 255],
  ['x / 127.5 - 1', 1 / 127.5, -1, 255],
  ['2 x - 1, of pixels 0..1', 2, -1, 1],
  ['x itself', 1, 0, 1],
])(
  'a network of %s is compared with its file on pixels up to the range',
  (_, scale, offset, largest) => {
    expect(brightestPixel(rescaledMean(scale, offset))).toBe(largest);
  },
);
