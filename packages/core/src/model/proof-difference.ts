import { countElements, type NdArray } from '../base/nd-array.ts';
import type { GraphNode, Network } from '../network/network.ts';
import { toStoredOrder } from '../readers/graph/stored-order.ts';
import type { FileValue } from '../readers/graph/file-value.ts';

/**
 * The largest allowed difference, as a share of the outputs' range. Two correct float32 evaluations differ
 * by 1e-6 of it, and a wrong evaluation differs by far more.
 */
export const PROOF_TOLERANCE = 1e-4;

/**
 * What two correct evaluations of a sigmoid or a softmax may differ by, however small the results are: the
 * runtimes compute them by formulas that are exact to steps of 2^-24, the last digit of a number below 1. A
 * detector that sees no object has sigmoids of 1e-6, which these steps change by some percent.
 */
const PROBABILITY_ROUNDING = 4 * 2 ** -24;

/**
 * The largest difference, as a share of the largest value in the file's result.
 *
 * @param allowed a difference that counts as none, see {@link roundingOf}.
 */
export function differenceOf(
  { shape, order, isLogarithm }: FileValue,
  file: NdArray,
  own: NdArray,
  allowed = 0,
): number {
  if (countElements(shape) !== file.data.length) return Infinity;
  const expected = toStoredOrder(file.data, shape, order);
  let [range, error] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const value = isLogarithm ? Math.exp(expected[i]!) : expected[i]!;
    range = Math.max(range, Math.abs(value));
    const difference = Math.abs(value - own.data[i]!);
    error = Math.max(error, Number.isNaN(difference) ? Infinity : difference);
  }
  return error <= allowed ? 0 : error / range;
}

/** Ops whose results are numbers of their inputs, or products of them, and nothing else. */
const MOVING: ReadonlySet<GraphNode['op']['kind']> = new Set([
  ...(['reshape', 'permute', 'concatenate', 'slice', 'gather', 'multiply'] as const),
]);

/**
 * The absolute difference that the rounding of a probability explains: for a value of sigmoids and softmaxes,
 * also if these are joined, moved or multiplied; else 0.
 */
export function roundingOf(network: Network, node: string): number {
  const nodes = new Map(network.nodes.map((one) => [one.name, one]));
  const seen = new Set<string>();
  const isProbability = (name: string): boolean => {
    if (seen.has(name)) return true;
    seen.add(name);
    const { op, inputs } = nodes.get(name)!;
    if (op.kind === 'sigmoid' || op.kind === 'softmax') return true;
    return MOVING.has(op.kind) && inputs.length > 0 && inputs.every(isProbability);
  };
  return isProbability(node) ? PROBABILITY_ROUNDING : 0;
}
