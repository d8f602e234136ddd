import type { ResizeFilter } from '../artifact/artifact.ts';

/** For one output sample: the first input sample it reads, and the weights of the samples from there on. */
export interface Taps {
  readonly start: number;
  readonly weights: Float64Array;
}

/**
 * The photographs of a folder mostly have one or two sizes, so the weights are computed once for each size.
 */
const REMEMBERED = 32;
const remembered = new Map<string, readonly Taps[]>();

/** A filter: its radius in samples, and its value at a distance within the radius. */
interface Kernel {
  readonly support: number;
  readonly at: (distance: number) => number;
}

/** Keys's cubic with a = -0.5 (Keys 1981), as Pillow has it. */
function cubic(x: number): number {
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

const kernels: Readonly<Record<ResizeFilter, Kernel>> = {
  'bilinear-antialias': { support: 1, at: (x) => 1 - x },
  'bicubic-antialias': { support: 2, at: cubic },
  'lanczos-antialias': { support: 3, at: (x) => sinc(x) * sinc(x / 3) },
};

/**
 * The weights of a resampling along one axis, with half-pixel centres; bilinear by default.
 *
 * Enlarging interpolates and repeats the edge. Reducing widens the filter by the scale, so that every input
 * sample counts; at the edge, the weights of the available samples sum to 1. TensorFlow's `antialias=True`
 * and Pillow do the same.
 *
 * @param from size of the input axis in samples.
 * @param view the part of the input axis that the output covers, in samples; it may reach beyond the input.
 * @param to number of output samples.
 */
export function resampleTaps(
  from: number,
  view: { readonly start: number; readonly length: number },
  to: number,
  filter: ResizeFilter = 'bilinear-antialias',
): readonly Taps[] {
  const key = `${from} ${view.start} ${view.length} ${to} ${filter}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const taps = computeTaps(from, view, to, kernels[filter]);
  const [oldest] = remembered.keys();
  if (remembered.size >= REMEMBERED) remembered.delete(oldest!);
  remembered.set(key, taps);
  return taps;
}

function computeTaps(
  from: number,
  view: { readonly start: number; readonly length: number },
  to: number,
  kernel: Kernel,
): Taps[] {
  const scale = view.length / to;
  const stretch = Math.max(1, scale);
  const support = kernel.support * stretch;
  return Array.from({ length: to }, (_, i) => {
    const centre = view.start + (i + 0.5) * scale - 0.5;
    const first = Math.floor(centre - support) + 1;
    const last = Math.ceil(centre + support) - 1;
    const start = Math.max(first, 0);
    const end = Math.min(last, from - 1);
    // No sample of the image is within reach, so the edge sample is taken.
    if (end < start) return { start: centre < 0 ? 0 : from - 1, weights: Float64Array.of(1) };
    const weights = new Float64Array(end - start + 1);
    let sum = 0;
    for (let j = start; j <= end; j++) {
      const weight = kernel.at(Math.abs(j - centre) / stretch);
      weights[j - start] = weight;
      sum += weight;
    }
    for (let j = 0; j < weights.length; j++) weights[j]! /= sum;
    return { start, weights };
  });
}

/**
 * Resamples an image [rows, columns, channels] along both axes.
 *
 * @param down the weights for each output row.
 * @param across the weights for each output column.
 * @param output memory for the result; default new memory.
 * @param limits the range to which values are limited after each axis, as in Pillow, for filters that
 *   overshoot.
 * @returns [down.length, across.length, channels], computed in float64.
 */
export function resampleImage(
  image: {
    readonly width: number;
    readonly height: number;
    readonly channels: number;
    readonly data: ArrayLike<number>;
  },
  down: readonly Taps[],
  across: readonly Taps[],
  output: Float32Array = new Float32Array(down.length * across.length * image.channels),
  limits: readonly [least: number, most: number] | null = null,
): Float32Array {
  const { width, channels, data } = image;
  const length = across.length * channels;
  const most = down.reduce((count, { weights }) => Math.max(count, weights.length), 0);
  // Each input row is resampled across once and stays in a ring buffer while an output row may need it.
  const ring = Array.from({ length: most }, () => new Float64Array(length));
  const held = new Int32Array(most).fill(-1);
  const narrowRow = (row: number): Float64Array => {
    const place = row % most;
    const result = ring[place]!;
    if (held[place] === row) return result;
    held[place] = row;
    if (channels === 3) narrowColours(data, row * width, across, result);
    else narrowChannels(data, row * width, channels, across, result);
    if (limits !== null) cutToLimits(result, 0, result.length, limits);
    return result;
  };
  for (let y = 0; y < down.length; y++) {
    const { start, weights } = down[y]!;
    const rows: Float64Array[] = [];
    for (let j = 0; j < weights.length; j++) rows.push(narrowRow(start + j));
    mixRows(rows, weights, output, y * length);
    if (limits !== null) cutToLimits(output, y * length, (y + 1) * length, limits);
  }
  return output;
}

function cutToLimits(
  values: Float32Array | Float64Array,
  from: number,
  to: number,
  [least, most]: readonly [number, number],
): void {
  for (let i = from; i < to; i++) values[i] = Math.min(most, Math.max(least, values[i]!));
}

/** Resamples one row of any number of channels; `first` is the index of its first pixel. */
function narrowChannels(
  data: ArrayLike<number>,
  first: number,
  channels: number,
  across: readonly Taps[],
  result: Float64Array,
): void {
  for (let x = 0; x < across.length; x++) {
    const { start, weights } = across[x]!;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let j = 0, from = (first + start) * channels + c; j < weights.length; j++) {
        sum += weights[j]! * data[from]!;
        from += channels;
      }
      result[x * channels + c] = sum;
    }
  }
}

/** The same for three channels, which most photographs have, in half the time. */
function narrowColours(
  data: ArrayLike<number>,
  first: number,
  across: readonly Taps[],
  result: Float64Array,
): void {
  for (let x = 0, to = 0; x < across.length; x++, to += 3) {
    const { start, weights } = across[x]!;
    // Three variables and no array: an array for each pixel would make 3.5 MB of garbage for each image.
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let j = 0, from = (first + start) * 3; j < weights.length; j++, from += 3) {
      const weight = weights[j]!;
      red += weight * data[from]!;
      green += weight * data[from + 1]!;
      blue += weight * data[from + 2]!;
    }
    result[to] = red;
    result[to + 1] = green;
    result[to + 2] = blue;
  }
}

/**
 * Writes the weighted sum of rows. Up to four rows, as in an enlargement or a small reduction, are added in
 * one loop, which takes a third of the time of one loop for each row. The order of the additions is the same.
 */
function mixRows(
  rows: readonly Float64Array[],
  weights: Float64Array,
  output: Float32Array,
  to: number,
): void {
  const [a, b, c, d] = rows as [Float64Array, Float64Array, Float64Array, Float64Array];
  const [u = 0, v = 0, w = 0, x = 0] = weights;
  const { length } = a;
  switch (rows.length) {
    case 1:
      for (let i = 0; i < length; i++) output[to + i] = u * a[i]!;
      return;
    case 2:
      for (let i = 0; i < length; i++) output[to + i] = u * a[i]! + v * b[i]!;
      return;
    case 3:
      for (let i = 0; i < length; i++) output[to + i] = u * a[i]! + v * b[i]! + w * c[i]!;
      return;
    case 4:
      for (let i = 0; i < length; i++) {
        output[to + i] = u * a[i]! + v * b[i]! + w * c[i]! + x * d[i]!;
      }
      return;
  }
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let j = 0; j < rows.length; j++) sum += weights[j]! * rows[j]![i]!;
    output[to + i] = sum;
  }
}
