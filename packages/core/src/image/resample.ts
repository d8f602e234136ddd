/** For one output position: the first input position it takes from, and the weights from there on. */
export interface Taps {
  readonly start: number;
  readonly weights: Float64Array;
}

/** Photographs of a folder mostly have one size or two: their weights are worked out once. */
const REMEMBERED = 32;
const remembered = new Map<string, readonly Taps[]>();

/**
 * Weights of a bilinear resampling along one axis, on the half-pixel grid.
 *
 * Enlarging interpolates linearly and repeats the edge; reducing widens the triangle to the scale, so
 * that every input pixel counts, and at the edge takes the samples that there are (antialiasing, as
 * TensorFlow's `antialias=True` and Pillow do it).
 *
 * @param from size of the input axis in samples.
 * @param view start and length, in samples of the input, of what the output covers; it may reach
 *   beyond the input.
 * @param to number of output samples.
 */
export function resampleTaps(
  from: number,
  view: { readonly start: number; readonly length: number },
  to: number,
): readonly Taps[] {
  const key = `${from} ${view.start} ${view.length} ${to}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const taps = computeTaps(from, view, to);
  const [oldest] = remembered.keys();
  if (remembered.size >= REMEMBERED) remembered.delete(oldest!);
  remembered.set(key, taps);
  return taps;
}

function computeTaps(
  from: number,
  view: { readonly start: number; readonly length: number },
  to: number,
): Taps[] {
  const scale = view.length / to;
  const support = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = view.start + (i + 0.5) * scale - 0.5;
    const first = Math.floor(centre - support) + 1;
    const last = Math.ceil(centre + support) - 1;
    const start = Math.max(first, 0);
    const end = Math.min(last, from - 1);
    // Nothing of the image is near: the edge sample stands in.
    if (end < start) return { start: centre < 0 ? 0 : from - 1, weights: Float64Array.of(1) };
    const weights = new Float64Array(end - start + 1);
    let sum = 0;
    for (let j = start; j <= end; j++) {
      const weight = 1 - Math.abs(j - centre) / support;
      weights[j - start] = weight;
      sum += weight;
    }
    for (let j = 0; j < weights.length; j++) weights[j]! /= sum;
    return { start, weights };
  });
}

/**
 * Resamples a planar-interleaved image [rows, columns, channels] along both axes.
 *
 * @param output where the result is written, if not to new memory.
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
): Float32Array {
  const { width, channels, data } = image;
  const length = across.length * channels;
  const most = down.reduce((count, { weights }) => Math.max(count, weights.length), 0);
  // Rows are made narrow once and stay in their place of the ring while an output row may need them.
  const ring = Array.from({ length: most }, () => new Float64Array(length));
  const held = new Int32Array(most).fill(-1);
  const narrowRow = (row: number): Float64Array => {
    const place = row % most;
    const result = ring[place]!;
    if (held[place] === row) return result;
    held[place] = row;
    if (channels === 3) narrowColours(data, row * width, across, result);
    else narrowChannels(data, row * width, channels, across, result);
    return result;
  };
  for (let y = 0; y < down.length; y++) {
    const { start, weights } = down[y]!;
    const rows: Float64Array[] = [];
    for (let j = 0; j < weights.length; j++) rows.push(narrowRow(start + j));
    mixRows(rows, weights, output, y * length);
  }
  return output;
}

/** One row of any number of channels; `first` is its first sample. */
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

/** The same sums for RGB, side by side, in half the time: photographs come this way. */
function narrowColours(
  data: ArrayLike<number>,
  first: number,
  across: readonly Taps[],
  result: Float64Array,
): void {
  for (let x = 0, to = 0; x < across.length; x++, to += 3) {
    const { start, weights } = across[x]!;
    // Not as one array: one for each pixel is 3.5 MB of garbage an image.
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
 * Writes the weighted sum of rows of one length. The few rows that a small enlargement or reduction takes
 * are summed in one pass, which takes a third of the time of one pass for each; the order of the sum is the
 * same.
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
