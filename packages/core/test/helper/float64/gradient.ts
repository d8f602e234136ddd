import type { Weights } from '../../../src/engines/port/engine.ts';
import type { Network } from '../../../src/network/network.ts';
import type { Array64 } from './array64.ts';
import { evaluateFloat64 } from './evaluate.ts';

/**
 * Half the width of a central difference. Its error is of the order of its square times the third
 * derivative, and of 2^-53 divided by it: both about 1e-10. It also has to be so small that few
 * values of a net lie so near to a kink.
 */
const STEP = 1e-5;

/** Slopes on both sides that differ by more than this share of the gradient make a kink. */
const KINK = 1e-4;

/** A scalar of the logits. */
export type Score = (logits: ArrayLike<number>) => number;

/**
 * Gradients of scalars of the logits with respect to one node, by central differences.
 *
 * @param values of all nodes of the undisturbed run.
 * @param indices elements of the node to take.
 * @returns for each score one value for each index; NaN where it has a kink, and so no derivative.
 */
export function differentiate(
  network: Network,
  weights: Weights,
  values: ReadonlyMap<string, Array64>,
  node: string,
  scores: readonly Score[],
  indices: readonly number[],
): number[][] {
  const logits = network.heads[0]!.logits;
  const { shape, data } = values.get(node)!;
  const after = listFollowers(network, node);
  const untouched = [...values].filter(([name]) => !after.has(name));
  const logitsAt = (index: number, step: number): ArrayLike<number> => {
    const moved = Float64Array.from(data);
    moved[index]! += step;
    const given = new Map<string, Array64>([...untouched, [node, { shape, data: moved }]]);
    return evaluateFloat64(network, weights, given).get(logits)!.data;
  };
  const here = values.get(logits)!.data;
  const moves = indices.map((i) => ({ up: logitsAt(i, STEP), down: logitsAt(i, -STEP) }));
  return scores.map((score) => {
    const slopes = moves.map(({ up, down }) => ({
      before: (score(here) - score(down)) / STEP,
      after: (score(up) - score(here)) / STEP,
    }));
    const largest = Math.max(...slopes.map(({ before }) => Math.abs(before)));
    const isKink = ({ before, after }: { before: number; after: number }): boolean =>
      Math.abs(after - before) > KINK * largest;
    return slopes.map((slope) => (isKink(slope) ? NaN : (slope.after + slope.before) / 2));
  });
}

/** All nodes that are computed from `start`, without itself. */
function listFollowers(network: Network, start: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { name, inputs } of network.nodes) {
    if (inputs.some((input) => input === start || found.has(input))) found.add(name);
  }
  return found;
}
