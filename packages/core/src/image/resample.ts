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
 * @returns [down.length, across.length, channels] in float64 precision until the end.
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
): Float32Array {
  const { width, channels, data } = image;
  const columns = across.length;
  // Rows are made narrow once and kept as long as an output row may need them.
  const narrow = new Map<number, Float64Array>();
  const narrowRow = (row: number): Float64Array => {
    const known = narrow.get(row);
    if (known !== undefined) return known;
    const result = new Float64Array(columns * channels);
    if (channels === 3) narrowColours(data, row * width, across, result);
    else narrowChannels(data, row * width, channels, across, result);
    narrow.set(row, result);
    return result;
  };

  const output = new Float32Array(down.length * columns * channels);
  const line = new Float64Array(columns * channels);
  down.forEach(({ start, weights }, y) => {
    line.fill(0);
    for (let j = 0; j < weights.length; j++) addRow(line, weights[j]!, narrowRow(start + j));
    // A loop: `set` between arrays of two types takes ten times as long.
    for (let i = 0, to = y * line.length; i < line.length; i++, to++) output[to] = line[i]!;
    for (const row of narrow.keys()) if (row < start) narrow.delete(row);
  });
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
    let [red, green, blue] = [0, 0, 0];
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

function addRow(line: Float64Array, weight: number, row: Float64Array): void {
  for (let i = 0; i < line.length; i++) line[i]! += weight * row[i]!;
}
