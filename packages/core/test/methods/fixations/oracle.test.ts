import { describe, expect, test } from 'vitest';
import { computeFixations } from '../../../src/methods/fixations/cnn-fixations.ts';
import type { Fixation } from '../../../src/methods/fixations/unravel.ts';
import { expectClose, FLOAT32_SUMS } from '../../helper/closeness.ts';
import { engineNames } from '../../helper/engines.ts';
import { decodeArray, readFixture, type StoredArray } from '../../helper/fixture.ts';
import { openModel } from '../passes/tiny-net.ts';

/** What `tools/oracles/fixation_cases.py` writes: rows and columns, a place once for each channel. */
interface StoredFixations {
  readonly topology: Readonly<Record<string, unknown>>;
  readonly weights: Readonly<Record<string, StoredArray>>;
  readonly input: StoredArray;
  readonly logits: StoredArray;
  readonly classes: readonly {
    readonly points: readonly (readonly [number, number])[];
    readonly kept: readonly (readonly [number, number])[];
    readonly map: StoredArray;
  }[];
}

/** The fixations, a place as often as it was found. */
function spread(fixations: readonly Fixation[]): number[][] {
  return fixations.flatMap(({ row, column, count }) =>
    Array.from({ length: count }, () => [row, column]),
  );
}

describe.each(engineNames)('CNN-Fixations on %s', (engine) => {
  test.each(['vgg', 'residual', 'joined'])('of the %s net, point for point', async (name) => {
    const expected = readFixture<StoredFixations>(`fixations/${name}.json`);
    const weights = new Map(
      Object.entries(expected.weights).map(([key, stored]) => [key, decodeArray(stored)]),
    );
    const session = await openModel(
      {
        topology: { model_config: expected.topology },
        specs: [...weights].map(([key, { shape }]) => ({ name: key, shape })),
        weights,
      },
      engine,
    );
    const found = await computeFixations(session, decodeArray(expected.input), {
      seeds: expected.classes.map((_, c) => ({ score: 'logit', of: { class: c } })),
    });
    session.dispose();
    expect(found.length).toBe(expected.classes.length);
    expected.classes.forEach(({ points, kept, map }, c) => {
      expect(spread(found[c]!.points)).toEqual(points);
      expect(spread(found[c]!.kept)).toEqual(kept);
      expectClose(found[c]!.map, decodeArray(map), FLOAT32_SUMS);
    });
  });
});
