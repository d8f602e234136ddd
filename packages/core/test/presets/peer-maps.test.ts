import { describe, expect, test } from 'vitest';
import { findMethod } from '../../src/methods/registry.ts';
import type { MethodInputs } from '../../src/methods/shared-pass.ts';
import { displayLike } from '../../src/presets/display-like.ts';
import { findPreset, peerMethod, presets } from '../../src/presets/presets.ts';
import { expectClose } from '../helper/closeness.ts';
import type { MethodCase } from '../contract/method-case.ts';
import { decodeArray, readFixture, type StoredArray } from '../helper/fixture.ts';
import { formulaMap } from '../helper/formula-map.ts';

interface Case {
  readonly activations: StoredArray;
  readonly gradients: StoredArray;
  readonly inputGradients: StoredArray;
  readonly score: number;
  readonly size: readonly [height: number, width: number];
  readonly grid: Readonly<Record<string, { raw: StoredArray; display: StoredArray }>>;
  readonly pixels: Readonly<Record<string, { display: StoredArray }>>;
}

/**
 * Of the largest value. Raw maps are rounded to float32 (6e-8) before they are displayed; where their
 * channels nearly cancel, or a map's range is a small part of its height, that grows by the ratio,
 * below a hundred in these cases.
 */
const TOLERANCE = 1e-5;

describe.each(['after-relu', 'before-relu', 'one-cell'])(
  'maps of %s as peers show them',
  (name) => {
    const stored = readFixture<Case>(`presets/${name}.json`);
    const layer: MethodInputs = {
      activations: decodeArray(stored.activations),
      gradients: decodeArray(stored.gradients),
    };
    const size = { height: stored.size[0], width: stored.size[1] };

    test.each(Object.entries(stored.grid))('%s', (key, expected) => {
      const [peer, method] = key.split('/') as [string, string];
      const preset = findPreset(peer);
      const raw = computeRaw(preset, method);
      expectClose(raw, decodeArray(expected.raw), TOLERANCE);
      expectClose(displayLike(raw, preset, method, size), decodeArray(expected.display), TOLERANCE);
    });

    test.each(Object.entries(stored.pixels))('%s', (key, expected) => {
      const [peer, method] = key.split('/') as [string, string];
      const preset = findPreset(peer);
      const inputGradients = decodeArray(stored.inputGradients);
      const { explain } = peerMethod(preset, method);
      const raw =
        explain === undefined ? inputGradients : formulaMap(explain, layer, { inputGradients });
      expectClose(displayLike(raw, preset, method, size), decodeArray(expected.display), TOLERANCE);
    });

    function computeRaw(preset: (typeof presets)[number], method: string) {
      const explain = peerMethod(preset, method).explain ?? findMethod(method).explain;
      return formulaMap(explain, layer, { score: stored.score });
    }
  },
);

test('every imitated method of a registered name is in the oracle, but for components of any sign', () => {
  const { grid, pixels } = readFixture<Case>('presets/after-relu.json');
  const anySign = ['pytorch-grad-cam/eigen-cam', 'pytorch-grad-cam/eigen-grad-cam'];
  // `explain-like-peer.test.ts` compares the options of peers by hand.
  const bare = presets.filter(({ name }) => !name.includes(':'));
  const imitated = bare.flatMap(({ name, methods }) =>
    Object.keys(methods)
      .filter((method) => methods[method]!.imitated)
      .map((method) => `${name}/${method}`),
  );
  // Those of many runs are compared by the contract of the methods, on every engine.
  const { peers } = readFixture<MethodCase>('methods/residual.json');
  const ofRuns = new Set(peers.map(({ method }) => method));
  // By the program's own points in `methods/fixations`, and by hand in `explain-like-peer.test.ts`.
  const elsewhere = ['cnn-fixations/cnn-fixations', 'pytorch-grad-cam/ablation-cam'];
  const checked = [
    ...[...Object.keys(grid), ...Object.keys(pixels)],
    ...[...anySign, ...ofRuns, ...elsewhere],
  ];
  expect(imitated.sort()).toEqual(checked.sort());
  for (const key of imitated) expect(() => findMethod(key.split('/')[1]!)).not.toThrow();
});
