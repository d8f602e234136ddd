import { createRandom } from '../../base/random.ts';

/** The iteration has converged when the scores change by less than this share of their length. */
const CONVERGED = 1e-10;

/**
 * With two nearly equal eigenvalues the iteration converges slowly, but then every mixture of their vectors
 * explains the same share of the variance, so stopping early does no harm.
 */
const MAX_ITERATIONS = 2000;

/**
 * Projects the rows of a matrix X with centred columns onto its first principal component v: X v.
 *
 * Power iteration on X Xᵀ, applied as two products, needs no matrix of channels by channels, which would be
 * large for 2048 of them. It starts at random values from a fixed seed. The sign of a component is
 * arbitrary; the sign is chosen that puts the largest score at least as far from zero as the smallest.
 *
 * @param matrix [rows, columns] row-major.
 * @returns one score for each row; zeros where all rows are equal.
 */
export function projectOnFirstComponent(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
): Float64Array {
  const centred = centreColumns(matrix, rows, columns);
  const random = createRandom(1);
  let scores: Float64Array = Float64Array.from({ length: rows }, () => random() - 0.5);
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    const direction = multiplyTransposed(centred, scores, rows, columns);
    const length = lengthOf(direction);
    if (length === 0) return new Float64Array(rows);
    const unit = direction.map((value) => value / length);
    const next = multiply(centred, unit, rows, columns);
    const change = distanceBetween(next, scores);
    scores = next;
    if (change <= CONVERGED * lengthOf(scores)) break;
  }
  return orient(scores);
}

function centreColumns(matrix: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const means = new Float64Array(columns);
  for (let i = 0; i < rows * columns; i++) means[i % columns]! += matrix[i]! / rows;
  return Float64Array.from({ length: rows * columns }, (_, i) => matrix[i]! - means[i % columns]!);
}

function multiply(
  matrix: Float64Array,
  vector: Float64Array,
  rows: number,
  columns: number,
): Float64Array {
  const product = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += matrix[row * columns + c]! * vector[c]!;
    product[row] = sum;
  }
  return product;
}

function multiplyTransposed(
  matrix: Float64Array,
  vector: Float64Array,
  rows: number,
  columns: number,
): Float64Array {
  const product = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const factor = vector[row]!;
    for (let c = 0; c < columns; c++) product[c]! += matrix[row * columns + c]! * factor;
  }
  return product;
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

function distanceBetween(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
}

function orient(scores: Float64Array): Float64Array {
  const largest = scores.reduce((max, value) => Math.max(max, value), -Infinity);
  const smallest = scores.reduce((min, value) => Math.min(min, value), Infinity);
  return Math.abs(largest) >= Math.abs(smallest) ? scores : scores.map((value) => -value);
}
