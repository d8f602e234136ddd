import type { Network } from './network.ts';
import type { OpaqueCall, OpOf, ReluPolicy } from './op.ts';

/** Layers that look their input up as an index: it has no gradient. */
const lookUps: ReadonlySet<string> = new Set(['Embedding', 'CategoryEncoding']);

/**
 * Why there is no gradient of a call with respect to its input at `index` under a ReLU policy, in
 * one line with a way out; null where there is one.
 */
export function gradientObstacle(
  op: OpOf<'opaque'>,
  name: string,
  index: number,
  relu: ReluPolicy = 'plain',
): string | null {
  if (op.by === 'graph-model') {
    return `node ${name} (${op.className}) is part of a GraphModel, which tfjs runs but cannot differentiate; use score-cam, ablation-cam, eigen-cam, occlusion or rise, or convert the source model to a LayersModel`;
  }
  if (op.output === 'mask' || index >= op.inputShapes.length) {
    return `layer ${op.layer} (${op.className}): a mask over time steps has no gradient`;
  }
  if (lookUps.has(op.className)) {
    return `layer ${op.layer} (${op.className}) looks its input up, so the input has no gradient; choose a layer after it`;
  }
  if (relu === 'plain') return null;
  return `layer ${op.layer} (${op.className}) is differentiated by tfjs, which does not know ReLU policy ${relu}; use a method with the plain gradient`;
}

/** The layers that another runtime computes, each once, whatever its number of calls and outputs. */
export function listOpaqueCalls(network: Network): OpaqueCall[] {
  const found = new Map<string, OpaqueCall>();
  for (const { op } of network.nodes) {
    if (op.kind === 'opaque' && !found.has(op.layer)) found.set(op.layer, op);
  }
  return [...found.values()];
}
