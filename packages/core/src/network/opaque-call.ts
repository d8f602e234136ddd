import type { Network } from './network.ts';
import type { OpaqueCall, OpOf, ReluPolicy } from './op.ts';

/** Layers that use their input as an index. Such an input has no gradient. */
const lookUps: ReadonlySet<string> = new Set(['Embedding', 'CategoryEncoding']);

/**
 * The reason why a call has no gradient with respect to its input at `index` under a ReLU policy, in
 * one line that says what to do instead; null where the gradient exists.
 */
export function gradientObstacle(
  op: OpOf<'opaque'>,
  name: string,
  index: number,
  relu: ReluPolicy = 'plain',
): string | null {
  if (op.by === 'graph-model') {
    return `node ${name} (${op.className}) is part of a GraphModel, which tfjs runs but cannot differentiate${untranslated(op)}; use score-cam, ablation-cam, eigen-cam, occlusion or rise, or convert the source model to a LayersModel`;
  }
  if (op.by === 'onnx-file') {
    return `node ${op.layer} (${op.className}) is copied from the ONNX file, and ONNX Runtime runs it but cannot differentiate it${untranslated(op)}; use a method at a layer behind it, or one without gradients: score-cam, ablation-cam, eigen-cam, occlusion or rise`;
  }
  if (op.output === 'mask' || index >= op.inputShapes.length) {
    return `layer ${op.layer} (${op.className}): a mask over time steps has no gradient`;
  }
  if (lookUps.has(op.className)) {
    return `layer ${op.layer} (${op.className}) uses its input as an index, so the input has no gradient; choose a layer after it`;
  }
  if (relu === 'plain') return null;
  return `layer ${op.layer} (${op.className}) is differentiated by tfjs, which does not know ReLU policy ${relu}; use a method with the plain gradient`;
}

/**
 * The reason why a GraphModel or a node of an ONNX file is not translated into the op set, in parentheses
 * so that it can follow in a message; empty where no reason is known.
 */
export function untranslated({ config }: Pick<OpaqueCall, 'config'>): string {
  const { obstacle } = config;
  return typeof obstacle === 'string' ? ` (${obstacle})` : '';
}

/**
 * The layers that another runtime computes. A layer is listed once, however many calls and outputs it
 * has.
 */
export function listOpaqueCalls(network: Network): OpaqueCall[] {
  const found = new Map<string, OpaqueCall>();
  for (const { op } of network.nodes) {
    if (op.kind === 'opaque' && !found.has(op.layer)) found.set(op.layer, op);
  }
  return [...found.values()];
}
