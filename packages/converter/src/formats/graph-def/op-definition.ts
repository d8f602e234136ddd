import { OP_DEFINITIONS } from './op-definitions.generated.ts';
import type { RegisteredOp } from './registered-op.ts';

/** The definition of an op that may stand in a GraphModel, or that the conversion takes out. */
export function findOpDefinition(op: string): RegisteredOp | undefined {
  return Object.hasOwn(OP_DEFINITIONS, op) ? OP_DEFINITIONS[op] : undefined;
}

/**
 * The place of an output that is named as in a function: `batch_mean` of a batch normalisation is its second.
 *
 * @param index the place in an output that is a list; no op here has a list among several outputs.
 */
export function placeOfOutput(op: string, output: string, index: number): number {
  const place = findOpDefinition(op)?.outputs.indexOf(output) ?? -1;
  return Math.max(0, place) + index;
}
