import type { ResizeGrid } from '../network/op.ts';
import { resampleTaps, type Taps } from './resample.ts';

/** TensorFlow tabulates its cubic kernel with this many steps for each pixel (`image_resizer_state`). */
const CUBIC_STEPS = 1024;
/** The parameter a of Keys's cubic kernel (Keys 1981) in TensorFlow, with half-pixel centres. */
const CUBIC_SHARPNESS = -0.5;
/** The same parameter in PyTorch; it is also the default of ONNX's `cubic_coeff_a`. */
const SHARPER = -0.75;

/**
 * For each of the `to` output samples of an axis: the input samples it is computed from, and their weights.
 */
export function resizeTaps(grid: ResizeGrid, from: number, to: number): readonly Taps[] {
  if (grid === 'antialias') return resampleTaps(from, { start: 0, length: from }, to);
  return Array.from({ length: to }, (_, i) => {
    const centred = ((i + 0.5) * from) / to - 0.5;
    const aligned = to === 1 ? 0 : (i * (from - 1)) / (to - 1);
    switch (grid) {
      case 'linear':
        return between(centred, from);
      case 'aligned':
        return between(aligned, from);
      case 'corner':
        return between((i * from) / to, from);
      case 'nearest':
        return single(Math.floor(((i + 0.5) * from) / to), from);
      case 'cornerNearest':
        return single(Math.floor((i * from) / to), from);
      case 'alignedNearest':
        return single(Math.round(aligned), from);
      case 'nearestDown':
        return single(Math.ceil(((i + 0.5) * from) / to) - 1, from);
      case 'cubic':
        return cubic(centred, from);
      case 'cubicEdges':
        return cubicEdges(centred, from);
      case 'alignedCubic':
        return cubicEdges(aligned, from);
      case 'windows':
        return mean(Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to));
    }
  });
}

function single(place: number, size: number): Taps {
  return { start: Math.min(Math.max(place, 0), size - 1), weights: Float64Array.of(1) };
}

function mean(start: number, end: number): Taps {
  return { start, weights: new Float64Array(end - start).fill(1 / (end - start)) };
}

/** The two neighbours, weighted by their distance; the edge is repeated. */
function between(place: number, size: number): Taps {
  const first = Math.floor(place);
  if (first < 0) return single(0, size);
  if (first >= size - 1) return single(size - 1, size);
  return { start: first, weights: Float64Array.of(first + 1 - place, place - first) };
}

/** The four neighbours. Those beyond the edge are left out, and the weights of the others sum to 1. */
function cubic(place: number, size: number): Taps {
  const first = Math.floor(place);
  const part = roundHalfEven((place - first) * CUBIC_STEPS) / CUBIC_STEPS;
  const all = fourWeights(part, CUBIC_SHARPNESS);
  const start = Math.max(first - 1, 0);
  const end = Math.min(first + 2, size - 1);
  const weights = Float64Array.from(all.slice(start - (first - 1), end - (first - 1) + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { start, weights: weights.map((weight) => weight / sum) };
}

/** The four neighbours; the edge is repeated. */
function cubicEdges(place: number, size: number): Taps {
  const first = Math.floor(place);
  const inside = (cell: number): number => Math.min(Math.max(cell, 0), size - 1);
  const start = inside(first - 1);
  const weights = new Float64Array(inside(first + 2) - start + 1);
  fourWeights(place - first, SHARPER).forEach((weight, i) => {
    weights[inside(first - 1 + i) - start]! += weight;
  });
  return { start, weights };
}

/** Keys's kernel at the four neighbours of a position that lies `part` of a sample after the second. */
function fourWeights(part: number, sharpness: number): number[] {
  return [
    outer(1 + part, sharpness),
    inner(part, sharpness),
    inner(1 - part, sharpness),
    outer(2 - part, sharpness),
  ];
}

/** The kernel's value for a neighbour at most one sample away. */
function inner(x: number, a: number): number {
  return ((a + 2) * x - (a + 3)) * x * x + 1;
}

/** The kernel's value for a neighbour one to two samples away. */
function outer(x: number, a: number): number {
  return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}
