import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { expect, test } from 'vitest';
import { listAxes, moveOnAxis } from '../src/state/map-axes.ts';

function plan(method: string, layer: string, index: number, label: string): ResultExplanation {
  return {
    ...{ method, layer, target: { kind: 'class', index, label }, score: 1, grid: [7, 7] },
    ...{ relu: true, files: {}, peak: { x: 0, y: 0 }, box: null },
    diagnostics: { probability: 0.1, gradientNorm: 1, negativeShare: 0, cellSize: [1, 1] },
  };
}

const line: ResultLine = {
  ...{ image: 'a.png', sha256: '', width: 4, height: 3, predictions: [], ms: 1 },
  explanations: ['cat', 'dog'].flatMap((label, index) => [
    plan('grad-cam', 'block4', index, label),
    plan('grad-cam', 'block3', index, label),
    plan('guided-backprop', 'input', index, label),
  ]),
};
const [first, , guided] = line.explanations as [ResultExplanation, unknown, ResultExplanation];

test('only what differs among the maps is an axis, in the order of first use', () => {
  expect(listAxes(line, first).map(({ name, options }) => [name, options])).toEqual([
    [
      'target',
      [
        { value: 'class:0', text: 'cat' },
        { value: 'class:1', text: 'dog' },
      ],
    ],
    [
      'method',
      [
        { value: 'grad-cam', text: 'Grad-CAM' },
        { value: 'guided-backprop', text: 'Guided backpropagation' },
      ],
    ],
    ['layer', ['block4', 'block3', 'input'].map((name) => ({ value: name, text: name }))],
  ]);
  expect(listAxes({ ...line, explanations: [first] }, first)).toEqual([]);
});

test('a step along one axis keeps the others as far as there is such a map', () => {
  const at = ({ method, layer, target }: ResultExplanation): string =>
    `${method} ${layer} ${target.label}`;
  const move = (...to: Parameters<typeof moveOnAxis> extends [unknown, ...infer R] ? R : never) =>
    at(moveOnAxis(line.explanations, ...to));
  expect(move(first, 'target', 'class:1')).toBe('grad-cam block4 dog');
  expect(move(first, 'layer', 'block3')).toBe('grad-cam block3 cat');
  // There is no guided backpropagation at block4: the class is kept, the layer is its own.
  expect(move(first, 'method', 'guided-backprop')).toBe('guided-backprop input cat');
  expect(move(guided, 'method', 'grad-cam')).toBe('grad-cam block4 cat');
  expect(move(first, 'method', 'none')).toBe(at(first));
});
