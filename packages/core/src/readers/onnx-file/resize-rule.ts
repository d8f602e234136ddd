/**
 * Where `Resize` places its samples and how it weighs their neighbours, as the ONNX specification states it.
 */
export interface ResizeRule {
  readonly mode: string;
  readonly coordinates: string;
  readonly nearest: string;
  /** The coefficient of the cubic kernel. */
  readonly sharpness: number;
  /** Whether neighbours beyond the edge are left out; otherwise the edge is repeated. */
  readonly leavesOut: boolean;
  readonly antialias: boolean;
}

/** A neighbour of a sample, and its weight. */
export interface Tap {
  readonly place: number;
  readonly weight: number;
}

/** Before opset 11, an image was enlarged by `floor` and reduced by `ceil`, as ONNX's own examples show. */
export const OLD_NEAREST = 'floor up, ceil down';

/**
 * The place of sample `i` on the axis that is resized; null for a rule that is not supported. The steps are
 * rounded to float32 as in ONNX Runtime, so that a place near the middle of two neighbours falls on the same
 * side.
 */
export function placeOf(
  coordinates: string,
  i: number,
  from: number,
  to: number,
  scale: number,
): number | null {
  switch (coordinates) {
    case 'half_pixel':
      return round(round((i + 0.5) / scale) - 0.5);
    case 'half_pixel_symmetric': {
      // The output's true length lies in the middle of what it should be.
      const adjusted = round(to / round(scale * from));
      return round(round((from / 2) * (1 - adjusted) + round((i + 0.5) / scale)) - 0.5);
    }
    case 'pytorch_half_pixel':
      return to > 1 ? round(round((i + 0.5) / scale) - 0.5) : 0;
    case 'align_corners':
      return to === 1 ? 0 : round((i * (from - 1)) / (to - 1));
    case 'asymmetric':
      return round(i / scale);
    default:
      return null;
  }
}

const round = Math.fround;

/** For each of `to` samples, the neighbours that it is computed from. */
export function tapsOf(
  rule: ResizeRule,
  from: number,
  to: number,
  scale: number,
): readonly (readonly Tap[])[] {
  return Array.from({ length: to }, (_, i) => {
    const place = placeOf(rule.coordinates, i, from, to, scale) ?? 0;
    if (rule.mode === 'nearest')
      return [{ place: clamp(nearest(place, rule.nearest, scale), from), weight: 1 }];
    const widened = rule.antialias && scale < 1 ? 1 / scale : 1;
    const reach = (rule.mode === 'linear' ? 1 : 2) * widened;
    const first = Math.floor(place - reach) + 1;
    const last = Math.ceil(place + reach) - 1;
    const taps: Tap[] = [];
    for (let neighbour = first; neighbour <= last; neighbour++) {
      const isOutside = neighbour < 0 || neighbour >= from;
      if (isOutside && rule.leavesOut) continue;
      const distance = Math.abs(place - neighbour) / widened;
      const weight = rule.mode === 'linear' ? 1 - distance : cubic(distance, rule.sharpness);
      taps.push({ place: clamp(neighbour, from), weight });
    }
    const sum = taps.reduce((total, { weight }) => total + weight, 0);
    return taps.map(({ place, weight }) => ({ place, weight: weight / sum }));
  });
}

function clamp(place: number, size: number): number {
  return Math.min(Math.max(place, 0), size - 1);
}

function nearest(place: number, mode: string, scale: number): number {
  switch (mode) {
    case OLD_NEAREST:
      return scale < 1 ? Math.ceil(place) : Math.floor(place);
    case 'floor':
      return Math.floor(place);
    case 'ceil':
      return Math.ceil(place);
    case 'round_prefer_ceil':
      return Math.floor(place + 0.5);
    default:
      return Math.ceil(place - 0.5);
  }
}

/** The cubic convolution kernel (Keys 1981). */
function cubic(x: number, a: number): number {
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}
