import { resizeLike, type ResizeKernel } from './resize-kernel.ts';
import type { Values } from './values.ts';

/** One step of a peer from its raw map to its displayed map. */
export type DisplayStep =
  | { readonly step: 'relu' }
  | { readonly step: 'absolute' }
  /** Merges the channels into one. */
  | { readonly step: 'merge'; readonly by: 'max' | 'sum' }
  /** (x - min) / (max - min + guard). */
  | { readonly step: 'min-max'; readonly guard: number }
  /** x / max. Peers do not guard it and get NaN for a map of zeros; here it stays zero. */
  | { readonly step: 'divide-by-max' }
  /** 0.1 (x - mean) / (deviation + 1e-5) + 0.5, limited to 0..1: shows gradients as a grey picture. */
  | { readonly step: 'contrast' }
  | { readonly step: 'resize'; readonly kernel: ResizeKernel };

/** Applies the steps to a map, one after the other; `size` is the target of a `resize`. */
export function applySteps(
  map: Values,
  steps: readonly DisplayStep[],
  size: { readonly width: number; readonly height: number },
): Values {
  return steps.reduce((current, step) => applyStep(current, step, size), map);
}

function applyStep(
  map: Values,
  step: DisplayStep,
  size: { readonly width: number; readonly height: number },
): Values {
  const { data } = map;
  switch (step.step) {
    case 'relu':
      return { ...map, data: data.map((value) => Math.max(0, value)) };
    case 'absolute':
      return { ...map, data: data.map((value) => Math.abs(value)) };
    case 'merge':
      return mergeChannelsBy(map, step.by);
    case 'min-max':
      return { ...map, data: stretch(data, step.guard) };
    case 'divide-by-max':
      return { ...map, data: divide(data, largestOf(data)) };
    case 'contrast':
      return { ...map, data: standardise(data) };
    case 'resize':
      return resizeLike(map, step.kernel, size);
  }
}

function mergeChannelsBy(map: Values, by: 'max' | 'sum'): Values {
  const { rows, columns, channels, data } = map;
  const merged = Float64Array.from({ length: rows * columns }, (_, pixel) => {
    const values = data.subarray(pixel * channels, (pixel + 1) * channels);
    return by === 'max' ? largestOf(values) : values.reduce((sum, value) => sum + value, 0);
  });
  return { rows, columns, channels: 1, data: merged };
}

function stretch(data: Float64Array, guard: number): Float64Array {
  const smallest = data.reduce((min, value) => Math.min(min, value), Infinity);
  return divide(
    data.map((value) => value - smallest),
    largestOf(data) - smallest + guard,
  );
}

function divide(data: Float64Array, divisor: number): Float64Array {
  return divisor === 0 ? new Float64Array(data.length) : data.map((value) => value / divisor);
}

function standardise(data: Float64Array): Float64Array {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  const unit = Math.sqrt(variance) + 1e-5;
  return data.map((value) => Math.min(1, Math.max(0, (0.1 * (value - mean)) / unit + 0.5)));
}

function largestOf(data: Float64Array): number {
  return data.reduce((max, value) => Math.max(max, value), -Infinity);
}
