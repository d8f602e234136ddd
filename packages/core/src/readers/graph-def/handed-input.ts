import type { DefSource, WholeDefNode } from './graph-def.ts';

/** Ops that hand on what goes in as their first input, or parts of it. */
const FIRST: ReadonlySet<string> = new Set([
  ...['Identity', 'Reshape', 'Squeeze', 'ExpandDims', 'Cast', 'Slice', 'StridedSlice', 'Unpack'],
  ...['Gather', 'GatherV2', 'GatherNd', 'Switch', 'Merge', 'Enter', 'TensorListGetItem'],
  ...['TensorListFromTensor', 'Minimum', 'Maximum'],
]);

/** For other such ops, which input they hand on. */
const OTHERS: ReadonlyMap<string, number> = new Map([
  ['Split', 1],
  ['TensorArrayReadV3', 2],
  ['TensorArrayScatterV3', 2],
]);

/** The input whose numbers a node hands on, all or some of them; undefined where it computes others. */
export function handedInput({ op, sources }: WholeDefNode): DefSource | undefined {
  return FIRST.has(op) ? sources[0] : sources[OTHERS.get(op) ?? -1];
}
