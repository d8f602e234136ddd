import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NdArray } from '../../src/base/nd-array.ts';
import type { Geometry } from '../../src/image/geometry.ts';
import { displayMapLike } from '../../src/presets/display-like.ts';
import { presets } from '../../src/presets/presets.ts';

/** Maps of zeros, of one value, all negative, tiny, huge; of one cell and of one row. */
const anyMap: fc.Arbitrary<NdArray> = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) =>
    fc
      .array(
        fc.oneof(
          fc.constantFrom(0, -1, 1, 1e-38, -1e30, 1e30),
          fc.float({ noNaN: true, min: -100, max: 100 }),
        ),
        { minLength: rows * columns, maxLength: rows * columns },
      )
      .map((values) => ({ shape: [rows, columns], data: Float32Array.from(values) })),
  );

/** Pictures larger, smaller and longer than the input, and an input that shows only a part of them. */
const anyGeometry: fc.Arbitrary<Geometry> = fc
  .record({
    width: fc.integer({ min: 1, max: 12 }),
    height: fc.integer({ min: 1, max: 12 }),
    side: fc.integer({ min: 1, max: 9 }),
    x: fc.double({ min: 0, max: 0.4, noNaN: true }),
  })
  .map(({ width, height, side, x }) => ({
    image: { width, height },
    input: { width: side, height: side },
    view: { x: x * width, y: 0, width: (1 - x) * width, height },
  }));

/** Pillow's bicubic kernel overshoots: by at most a quarter of the range, the sum of its negative weights. */
const OVERSHOOT = 0.25;

/** What a preset averages is displayed already. */
const scaling = presets.filter(({ augments }) => augments === undefined);

test.each(scaling)('$name: finite in, between -1 and 1 out, and nothing outside', (preset) => {
  const most = preset.name === 'torchcam' ? 1 + OVERSHOOT : 1;
  const [method] = Object.keys(preset.methods) as [string];
  fc.assert(
    fc.property(anyMap, anyGeometry, (raw, geometry) => {
      const map = displayMapLike(raw, preset, method, geometry);
      map.values.forEach((value, i) => {
        expect(Math.abs(value)).toBeLessThanOrEqual(most);
        if (!preset.signed && preset.name !== 'torchcam') expect(value).toBeGreaterThanOrEqual(0);
        if (map.visible[i] === 0) expect(value).toBe(0);
      });
    }),
    { seed: 5, numRuns: 200 },
  );
});
