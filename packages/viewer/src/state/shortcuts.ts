import type { ResultLine, RunSettings } from '@gradcam/core';
import { resolveColours } from '../map/colours.ts';
import { explanationKey, findExplanation } from './select.ts';
import type { Comparison, PictureKind, View } from './view.ts';

/** Computes the change that a key makes to the view of an enlarged image. */
type Effect = (view: View, line: ResultLine, settings: RunSettings) => Partial<View>;

/** A key of the enlarged image, with a description of its effect. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
  readonly effect: Effect;
}

/** Keys of the enlarged image that change how it is shown. */
export const shortcuts: readonly Shortcut[] = [
  { keys: ['o'], does: 'overlay', effect: choosePicture('overlay') },
  { keys: ['h'], does: 'heatmap', effect: choosePicture('heatmap') },
  { keys: ['c'], does: 'true cells', effect: choosePicture('cells') },
  { keys: ['i'], does: 'image without a map', effect: choosePicture('original') },
  {
    keys: ['m'],
    does: 'one map or all of them',
    effect: ({ sheet }) => ({ sheet: sheet === 'map' ? 'matrix' : 'map' }),
  },
  { keys: ['v'], does: 'side by side', effect: toggleComparison('side') },
  { keys: ['s'], does: 'swipe', effect: toggleComparison('swipe') },
  { keys: ['d'], does: 'difference of two maps', effect: toggleComparison('difference') },
  { keys: ['b'], does: 'box and peak', effect: ({ marks }) => ({ marks: !marks }) },
  { keys: ['-'], does: 'less opaque', effect: moveOpacity(-0.05) },
  { keys: ['+', '='], does: 'more opaque', effect: moveOpacity(0.05) },
  { keys: ['['], does: 'lower threshold', effect: moveThreshold(-0.05) },
  { keys: [']'], does: 'higher threshold', effect: moveThreshold(0.05) },
  { keys: ['n'], does: 'next map', effect: stepMap(1) },
  { keys: ['p'], does: 'previous map', effect: stepMap(-1) },
];

/** The change that a key makes to the view; null for a key without an effect. */
export function applyShortcut(
  key: string,
  view: View,
  line: ResultLine,
  settings: RunSettings,
): Partial<View> | null {
  const shortcut = shortcuts.find(({ keys }) => keys.includes(key));
  return shortcut?.effect(view, line, settings) ?? null;
}

function choosePicture(picture: PictureKind): Effect {
  return () => ({ picture });
}

function toggleComparison(comparison: Exclude<Comparison, 'none'>): Effect {
  return (view) => ({ comparison: view.comparison === comparison ? 'none' : comparison });
}

function moveOpacity(by: number): Effect {
  return (view, _, settings) => ({
    opacity: withinUnit(resolveColours(view, settings).opacity + by),
  });
}

function moveThreshold(by: number): Effect {
  return ({ threshold }) => ({ threshold: withinUnit(threshold + by) });
}

function stepMap(by: number): Effect {
  return ({ explanation }, { explanations }) => {
    const shown = findExplanation(explanations, explanation);
    const at = shown === undefined ? 0 : explanations.indexOf(shown);
    const next = explanations[(at + by + explanations.length) % explanations.length];
    return next === undefined ? {} : { explanation: explanationKey(next) };
  };
}

function withinUnit(value: number): number {
  return Number(Math.min(1, Math.max(0, value)).toFixed(2));
}
