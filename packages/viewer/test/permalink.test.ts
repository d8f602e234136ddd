import { expect, test } from 'vitest';
import { readPermalink, writePermalink } from '../src/state/permalink.ts';
import { defaultView, type View } from '../src/state/view.ts';

test('the default view has no fragment', () => {
  expect(writePermalink(defaultView)).toBe('');
  expect(readPermalink('')).toEqual(defaultView);
});

test.each<View>([
  { ...defaultView, query: 'tiger cat & dog = 2 #1' },
  { ...defaultView, selection: 'blank', marks: false },
  { ...defaultView, predicted: 0, certainty: 'unsure', order: 'most-sure' },
  {
    ...defaultView,
    image: 'photos/ä b/100%.png',
    explanation: 'grad-cam/block4/unit_2/contrast:1:2',
    picture: 'heatmap',
  },
  {
    ...defaultView,
    sheet: 'matrix',
    comparison: 'swipe',
    against: 'layer-cam/block3/class:7',
    swipe: 0.25,
    colormap: 'viridis',
    opacity: 0,
    threshold: 0.35,
    gamma: 0.5,
  },
])('a view survives its permalink: $query $image', (view) => {
  expect(readPermalink(writePermalink(view))).toEqual(view);
});

test('what a permalink says wrongly falls back to the default', () => {
  const wrong =
    '#show=everything&picture=film&unknown=1&marks=maybe&opacity=7&threshold=&gamma=x&swipe=NaN&class=-1';
  expect(readPermalink(wrong)).toEqual(defaultView);
});
