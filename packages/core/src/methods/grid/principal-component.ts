import { createRandom } from '../../base/random.ts';

/** Relative change of the eigenvector below which the iteration has settled. */
const SETTLED = 1e-10;

/** Two nearly equal eigenvalues settle slowly; any mixture of their vectors then explains as much. */
const MAX_ITERATIONS = 2000;

/**
 * Scores of the rows of a matrix on its first principal component, columns centred: X v.
 *
 * By power iteration on X Xᵀ, applied as two products, so that no K x K matrix of 2048 channels is
 * ever made. The start is drawn from a fixed seed. The sign is arbitrary: the one is taken whose
 * largest score is at least as far from zero as the smallest.
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
    if (change <= SETTLED * lengthOf(scores)) break;
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
