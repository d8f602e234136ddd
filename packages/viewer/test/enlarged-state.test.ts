import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { describe, expect, test } from 'vitest';
import { arrangeMatrix } from '../src/state/matrix.ts';
import {
  chooseAgainst,
  chooseShown,
  findCounterpart,
  offeredPictures,
  type Origin,
} from '../src/state/pictures.ts';
import { explanationKey } from '../src/state/select.ts';
import { applyShortcut, shortcuts } from '../src/state/shortcuts.ts';
import { defaultView } from '../src/state/view.ts';
import { planRun } from './helper/synthetic-run.ts';

const { settings } = planRun();

function plan(
  method: string,
  layer: string,
  index: number,
  files: Record<string, string> = { overlay: 'o.png', heatmap: 'h.png', raw: 'r.npy' },
): ResultExplanation {
  return {
    method,
    layer,
    target: { kind: 'class', index },
    score: 1,
    grid: [7, 7],
    relu: true,
    files,
    peak: { x: 0, y: 0 },
    box: null,
    diagnostics: { probability: 0.1, gradientNorm: 1, negativeShare: 0, cellSize: [1, 1] },
  };
}

const explanations = [
  plan('grad-cam', 'block4', 0),
  plan('grad-cam', 'block4', 1),
  plan('layer-cam', 'block3', 0),
];
const line: ResultLine = {
  image: 'a.png',
  sha256: '',
  width: 4,
  height: 3,
  predictions: [],
  explanations,
  ms: 1,
};

const own: Origin = { base: './run/', line, settings, runName: null };

test('the matrix has a row for each method at each layer, a column for each target', () => {
  const { rows, columns } = arrangeMatrix(explanations);
  expect(columns.map(({ target }) => target.index)).toEqual([0, 1]);
  expect(rows.map(({ method, layer }) => `${method} ${layer}`)).toEqual([
    'grad-cam block4',
    'layer-cam block3',
  ]);
  expect(rows[0]!.cells).toEqual([explanations[0], explanations[1]]);
  expect(rows[1]!.cells).toEqual([explanations[2], undefined]);
});

describe('pictures', () => {
  test('with raw map and overlay all are offered', () => {
    expect(offeredPictures(explanations[0]!, settings)).toEqual([
      'overlay',
      'heatmap',
      'cells',
      'original',
    ]);
  });

  test('without raw map only what was saved, and with too much colour no image', () => {
    const files = { overlay: 'o.png' };
    expect(offeredPictures(plan('grad-cam', 'block4', 0, files), settings)).toEqual(['overlay']);
    const opaque = offeredPictures(explanations[0]!, { ...settings, alpha: 1 });
    expect(opaque).not.toContain('original');
  });

  test.each([
    { overlay: 'contour' },
    { overlay: 'alpha' },
    { legend: true },
    { colormap: 'diverging' },
    { like: 'captum' },
  ])('an overlay of another kind gives no image back: %o', (other) => {
    expect(offeredPictures(explanations[0]!, { ...settings, ...other })).toEqual([
      'overlay',
      'heatmap',
      'cells',
    ]);
  });

  test('what is not there gives way to what is', () => {
    const heatmap = plan('grad-cam', 'block4', 0, { heatmap: 'h.png' });
    const shown = chooseShown(
      { ...line, explanations: [heatmap] },
      { explanation: 'gone', picture: 'original' },
      settings,
    );
    expect(shown).toEqual({ explanation: heatmap, picture: 'heatmap' });
    expect(chooseShown({ ...line, explanations: [] }, defaultView, settings)).toBeNull();
  });

  test('beside another run a map is compared with the one of it that answers to it', () => {
    const there = [
      plan('layer-cam', 'conv5', 0),
      plan('grad-cam', 'conv4', 1),
      plan('grad-cam', 'conv5', 0),
    ];
    const other: Origin = { ...own, line: { ...line, explanations: there }, runName: 'the run' };
    const shown = chooseShown(line, defaultView, settings)!;
    const against = chooseAgainst(own, shown, null, other);
    expect(against).toEqual({ explanation: there[2], picture: 'overlay', origin: other });
    // Of the same target at least; a run without that target has no such map.
    expect(findCounterpart([there[0]!], explanations[0]!)).toBe(there[0]);
    expect(findCounterpart([there[1]!], explanations[0]!)).toBeUndefined();
    const sameLayer = plan('grad-cam', 'block4', 0);
    expect(findCounterpart([there[2]!, sameLayer], explanations[0]!)).toBe(sameLayer);
  });

  test('a map is compared with another picture of it, or with another map', () => {
    const shown = chooseShown(line, defaultView, settings)!;
    expect(chooseAgainst(own, shown, 'cells', null)).toEqual({
      explanation: explanations[0],
      picture: 'cells',
      origin: own,
    });
    expect(chooseAgainst(own, shown, explanationKey(explanations[2]!), null)).toEqual({
      explanation: explanations[2],
      picture: 'overlay',
      origin: own,
    });
    expect(chooseAgainst(own, shown, 'gone', null).picture).toBe('cells');
    expect(chooseAgainst(own, shown, null, null).picture).toBe('cells');
  });
});

describe('keys', () => {
  const press = (key: string, view = defaultView) => applyShortcut(key, view, line, settings);

  test('no key has two meanings', () => {
    const keys = shortcuts.flatMap((shortcut) => shortcut.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('choose a picture, a sheet, a comparison', () => {
    expect(press('h')).toEqual({ picture: 'heatmap' });
    expect(press('m')).toEqual({ sheet: 'matrix' });
    expect(press('s')).toEqual({ comparison: 'swipe' });
    expect(press('s', { ...defaultView, comparison: 'swipe' })).toEqual({ comparison: 'none' });
    expect(press('x')).toBeNull();
  });

  test('move opacity from the one of the run, and stop at the ends', () => {
    expect(press('+')).toEqual({ opacity: 0.55 });
    expect(press('-', { ...defaultView, opacity: 0 })).toEqual({ opacity: 0 });
    expect(press(']', { ...defaultView, threshold: 0.1 })).toEqual({ threshold: 0.15 });
  });

  test('go through the maps in a circle', () => {
    expect(press('n')).toEqual({ explanation: explanationKey(explanations[1]!) });
    expect(press('p')).toEqual({ explanation: explanationKey(explanations[2]!) });
  });
});
