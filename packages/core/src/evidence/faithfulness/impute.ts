import { GradcamError } from '../../base/errors.ts';

/** Weights of ROAD's imputation: direct neighbours of a pixel, and diagonal ones. */
const DIRECT = 1 / 6;
const DIAGONAL = 1 / 12;

const neighbours: readonly (readonly [dy: number, dx: number, weight: number])[] = [
  [0, 1, DIRECT],
  [0, -1, DIRECT],
  [1, 0, DIRECT],
  [-1, 0, DIRECT],
  [1, 1, DIAGONAL],
  [1, -1, DIAGONAL],
  [-1, 1, DIAGONAL],
  [-1, -1, DIAGONAL],
];

/**
 * The residual at which the solution counts as found, as a share of the right side's norm. On an image of 224
 * pixels with nine tenths missing, the pixels are then good to about 1e-6 of their range.
 */
const RESIDUAL = 1e-8;

/** A system of n unknowns is solved exactly after n steps; a rounding error may take a few more. */
const SPARE_STEPS = 50;

/** The size of an image whose pixels stand row by row, each with its channels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** An image in which pixels are missing. */
export interface MissingPixels extends ImageSize {
  readonly values: Float32Array;
  /** 1 where a pixel is missing, [height * width]. */
  readonly missing: Uint8Array;
}

/**
 * Fills missing pixels with ROAD's linear imputation: each becomes the weighted mean of its eight neighbours
 * inside the image, of which some are missing too. The system of equations is symmetric and positive definite
 * as long as one pixel is there; it is solved by conjugate gradients for each channel.
 *
 * @param values [height, width, channels]; missing pixels may have any value.
 * @returns the filled image, without noise, in float64.
 * @throws GradcamError `argument` where every pixel is missing.
 * @see Rong et al. 2022, arXiv 2202.00449, section 4.2
 */
export function imputeLinearly({
  values,
  missing,
  height,
  width,
  channels,
}: MissingPixels): Float64Array {
  const filled = Float64Array.from(values);
  const system = buildSystem(missing, height, width);
  const { places, known } = system;
  if (places.length === 0) return filled;
  if (places.length === missing.length) {
    throw new GradcamError('argument', 'impute: all pixels are missing, so nothing is known');
  }
  for (let channel = 0; channel < channels; channel++) {
    const right = new Float64Array(places.length);
    for (let row = 0; row < places.length; row++) {
      for (let k = 0; k < neighbours.length; k++) {
        const from = known[row * neighbours.length + k]!;
        if (from >= 0) right[row]! += neighbours[k]![2] * values[from * channels + channel]!;
      }
    }
    const solution = solve(system, right);
    for (let row = 0; row < places.length; row++) {
      filled[places[row]! * channels + channel] = solution[row]!;
    }
  }
  return filled;
}

/** diagonal * x - sum of weight * x at missing neighbours = sum of weight * value at known neighbours. */
interface System {
  /** The pixel of each unknown. */
  readonly places: Uint32Array;
  /** For each unknown and neighbour, the pixel where it is known; -1 elsewhere. */
  readonly known: Int32Array;
  /** For each unknown and neighbour, the unknown there; elsewhere the index after the last, which is 0. */
  readonly linked: Uint32Array;
  readonly diagonal: Float64Array;
}

function buildSystem(missing: Uint8Array, height: number, width: number): System {
  const rowOf = new Int32Array(missing.length).fill(-1);
  const found: number[] = [];
  for (let i = 0; i < missing.length; i++) {
    if (missing[i] !== 1) continue;
    rowOf[i] = found.length;
    found.push(i);
  }
  const count = found.length * neighbours.length;
  const known = new Int32Array(count).fill(-1);
  const linked = new Uint32Array(count).fill(found.length);
  const diagonal = new Float64Array(found.length);
  found.forEach((pixel, row) => {
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    neighbours.forEach(([dy, dx, weight], k) => {
      const [top, left] = [y + dy, x + dx];
      if (top < 0 || left < 0 || top >= height || left >= width) return;
      const other = top * width + left;
      diagonal[row]! += weight;
      if (rowOf[other]! < 0) known[row * neighbours.length + k] = other;
      else linked[row * neighbours.length + k] = rowOf[other]!;
    });
  });
  return { places: Uint32Array.from(found), known, linked, diagonal };
}

/** The eight neighbours are written out: a loop over them takes three times as long. */
function applySystem({ linked, diagonal }: System, x: Float64Array, result: Float64Array): void {
  for (let row = 0, at = 0; row < diagonal.length; row++, at += 8) {
    const direct =
      x[linked[at]!]! + x[linked[at + 1]!]! + x[linked[at + 2]!]! + x[linked[at + 3]!]!;
    const diagonals =
      x[linked[at + 4]!]! + x[linked[at + 5]!]! + x[linked[at + 6]!]! + x[linked[at + 7]!]!;
    result[row] = diagonal[row]! * x[row]! - DIRECT * direct - DIAGONAL * diagonals;
  }
}

/** Conjugate gradients, preconditioned by the diagonal (Hestenes and Stiefel 1952). */
function solve(system: System, right: Float64Array): Float64Array {
  const { length } = right;
  const { diagonal } = system;
  const x = new Float64Array(length);
  const residual = right.slice();
  const product = new Float64Array(length);
  /** One value more, which stays 0: the neighbour of pixels that have none. */
  const direction = new Float64Array(length + 1);
  let size = 0;
  for (let i = 0; i < length; i++) {
    direction[i] = residual[i]! / diagonal[i]!;
    size += residual[i]! * direction[i]!;
  }
  const enough = size * RESIDUAL ** 2;
  for (let step = 0; step < length + SPARE_STEPS && size > enough; step++) {
    applySystem(system, direction, product);
    let curvature = 0;
    for (let i = 0; i < length; i++) curvature += direction[i]! * product[i]!;
    const along = size / curvature;
    const before = size;
    size = 0;
    for (let i = 0; i < length; i++) {
      x[i]! += along * direction[i]!;
      const rest = residual[i]! - along * product[i]!;
      residual[i] = rest;
      size += (rest * rest) / diagonal[i]!;
    }
    const keep = size / before;
    for (let i = 0; i < length; i++) {
      direction[i] = residual[i]! / diagonal[i]! + keep * direction[i]!;
    }
  }
  return x;
}
