import { countElements } from '../../../base/nd-array.ts';
import type { Constant } from '../constant.ts';
import { contradictory, type TitledNode } from '../node-error.ts';
import type { Value } from '../value.ts';
import type { FoldBudget } from './budget.ts';

/**
 * A node of constants that is computed while a file is read: shape arithmetic, index tables, flags, and
 * weights that are written in parts. Each file format has its own names of ops and its own attributes. The
 * folds that need no attributes take this part of a node, which is the same in all formats.
 */
export interface FoldCall extends TitledNode {
  /** Name of its first result. */
  readonly name: string;
  /** Null for an optional input that is left out; every other one is a constant. */
  readonly inputs: readonly (Value | null)[];
  readonly budget: FoldBudget;
}

/** Computes a node of constants: one result, or several in order. */
export type Fold<Call extends FoldCall = FoldCall> = (call: Call) => Constant | readonly Constant[];

/** The folds of a file format by the names of its ops. */
export type FoldTable<Call extends FoldCall> = Readonly<Record<string, Fold<Call>>>;

/**
 * Computes a node whose inputs are all constants.
 *
 * @returns null for an op that has no fold.
 * @throws GradcamError `model` for a result over the limits of {@link FoldBudget}, and for a node that
 *   contradicts itself.
 */
export function foldNode<Call extends FoldCall>(
  folds: FoldTable<Call>,
  op: string,
  call: Call,
): readonly Constant[] | null {
  const fold = Object.hasOwn(folds, op) ? folds[op] : undefined;
  if (fold === undefined) return null;
  const found = fold(call);
  const constants = Array.isArray(found) ? (found as readonly Constant[]) : [found as Constant];
  const inputs = call.inputs.filter((input) => input?.kind === 'constant');
  const given = Math.max(0, ...inputs.map(({ shape }) => countElements(shape)));
  for (const { shape } of constants) call.budget.take(countElements(shape), given, call.title);
  keepShallow(inputs, constants);
  return constants;
}

/**
 * The constant that goes in at a place.
 *
 * @throws GradcamError `model` where the node has no such input.
 */
export function constantInput(call: FoldCall, index: number): Constant {
  const input = call.inputs[index];
  if (input?.kind === 'constant') return input;
  throw contradictory(call, `it has no input ${index}`);
}

/**
 * All inputs of a node that takes any number of them.
 *
 * @throws GradcamError `model` where the node has none.
 */
export function constantInputs(call: FoldCall): readonly Constant[] {
  if (call.inputs.length === 0) throw contradictory(call, 'it has no inputs');
  return call.inputs.map((_, i) => constantInput(call, i));
}

/** For each constant, how many others are computed from each other before it is. */
const depths = new WeakMap<Constant, number>();

/** Constants that may wait for each other. Each one adds a call to the stack when the last is computed. */
const MOST_WAITING = 100;

function keepShallow(inputs: readonly Constant[], constants: readonly Constant[]): void {
  const depth = 1 + Math.max(0, ...inputs.map((input) => depths.get(input) ?? 0));
  for (const constant of constants) {
    if (depth > MOST_WAITING) constant.values();
    depths.set(constant, depth > MOST_WAITING ? 0 : depth);
  }
}
