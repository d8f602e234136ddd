import { GradcamError } from '../../base/errors.ts';
import type { DisplayMap } from '../../image/display-map.ts';
import { withoutResult, type Measurement } from '../measurement.ts';
import { regionMask, type TrueRegion } from './true-region.ts';

export interface PointingOptions {
  /**
   * How far from the region, in pixels, the largest value still counts as a hit; default 0. Zhang et al.
   * allow 15.
   */
  readonly tolerance?: number;
}

/**
 * The pointing game: whether the largest value of the map lies on the object. 1 is a hit, 0 a miss; where
 * several pixels have the largest value, the share of them that are hits. A region without pixels, and a map
 * without a positive value, have no result.
 *
 * @param map over the original image, as `displayMapOf` makes it; only what the model saw counts.
 * @throws GradcamError `argument` for a mask of another size, and a negative tolerance.
 * @see Zhang et al. 2016, arXiv 1608.00507, section 4.1
 */
export function measurePointing(
  map: DisplayMap,
  region: TrueRegion,
  { tolerance = 0 }: PointingOptions = {},
): Measurement {
  if (!(tolerance >= 0 && Number.isFinite(tolerance))) {
    throw new GradcamError(
      'argument',
      `tolerance: expected pixels of at least 0, got ${tolerance}`,
    );
  }
  const about = { metric: 'pointing', better: 'higher', settings: { tolerance } } as const;
  const inside = regionMask(region, map);
  if (!inside.includes(1)) return withoutResult(about, 'the region has no pixels');
  const peaks = findPeaks(map);
  if (peaks.length === 0) return withoutResult(about, 'the map has no positive value');
  const hits = peaks.filter((pixel) => isNear(inside, map.width, pixel, tolerance));
  return { ...about, value: hits.length / peaks.length };
}

/** The visible pixels of the largest value, if it is positive. */
function findPeaks({ values, visible }: DisplayMap): number[] {
  let largest = 0;
  let peaks: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (visible[i] !== 1 || values[i]! < largest || values[i] === 0) continue;
    if (values[i]! > largest) {
      largest = values[i]!;
      peaks = [];
    }
    peaks.push(i);
  }
  return peaks;
}

/** Whether a pixel of the region has its centre within the distance of the pixel's centre. */
function isNear(inside: Uint8Array, width: number, pixel: number, distance: number): boolean {
  const [x, y] = [pixel % width, Math.floor(pixel / width)];
  const reach = Math.floor(distance);
  const height = inside.length / width;
  for (let dy = Math.max(-reach, -y); dy <= Math.min(reach, height - 1 - y); dy++) {
    for (let dx = Math.max(-reach, -x); dx <= Math.min(reach, width - 1 - x); dx++) {
      const isClose = dx * dx + dy * dy <= distance * distance;
      if (isClose && inside[(y + dy) * width + x + dx] === 1) return true;
    }
  }
  return false;
}

/**
 * The energy-based pointing game: the share of the map's positive values that lies on the object, 0..1. A
 * region without pixels, and a map without a positive value, have no result.
 *
 * @param map over the original image, as `displayMapOf` makes it; only what the model saw counts.
 * @throws GradcamError `argument` for a mask of another size.
 * @see Wang et al. 2020, arXiv 1910.01279, section 4.3
 */
export function measureEnergyPointing(map: DisplayMap, region: TrueRegion): Measurement {
  const about = { metric: 'energy-pointing', better: 'higher', settings: {} } as const;
  const inside = regionMask(region, map);
  if (!inside.includes(1)) return withoutResult(about, 'the region has no pixels');
  let [within, total] = [0, 0];
  for (let i = 0; i < inside.length; i++) {
    const value = Math.max(0, map.visible[i] === 1 ? map.values[i]! : 0);
    total += value;
    if (inside[i] === 1) within += value;
  }
  if (total === 0) return withoutResult(about, 'the map has no positive value');
  return { ...about, value: within / total };
}
