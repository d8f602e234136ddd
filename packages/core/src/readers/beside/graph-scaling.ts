import type { NdArray } from '../../base/nd-array.ts';
import { readWeights } from '../../artifact/decode-weights.ts';
import type { ManifestWeight } from '../../artifact/weights-manifest.ts';
import { readGraphDef, type DefNode } from '../graph-def/graph-def.ts';
import type { Network } from '../../network/network.ts';
import { findImageInput } from '../../network/taps.ts';
import { findRange, type OwnScaling, type ScalingStep } from './own-scaling.ts';

/** Ops that move pixels or change their type, but keep the range of their values. */
const keepsRange: ReadonlySet<string> = new Set([
  'Cast',
  'ExpandDims',
  'Identity',
  'Placeholder',
  'Reshape',
  'ResizeBilinear',
  'ReverseV2',
  'Squeeze',
  'StopGradient',
  'StridedSlice',
  'Transpose',
]);

/** Ops that are linear in the pixels when their other input is a constant. */
const linear: ReadonlySet<string> = new Set([
  ...['Add', 'AddV2', 'BiasAdd', 'Div', 'Mul', 'RealDiv', 'Sub'],
  ...['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'],
]);

/**
 * Names that Keras gives to layers whose numbers were measured on data. Converters fold such a layer
 * into two ops.
 */
const COUNTED = /batch_?norm|(^|[/_])bn\d*([/_]|$)/i;

const integerTypes: ReadonlySet<string> = new Set([
  'DT_UINT8',
  'DT_INT32',
  'DT_INT64',
  'DT_UINT16',
]);

/** The weights of a GraphModel: their descriptions, and their bytes one after the other. */
export interface GraphWeights {
  readonly weights: readonly ManifestWeight[];
  readonly bytes: ArrayBuffer;
}

/**
 * Finds the scaling that a GraphModel applies to its pixels first, as `findOwnScaling` does for a
 * network. The scaling is made of `Mul`, `Sub`, `RealDiv` and similar ops with constants, or of a batch
 * normalisation. An input of integers takes pixels as files have them.
 *
 * @param network the network of the graph, for its inputs.
 * @returns null where the graph begins with something else, or where its first ops fit several ranges.
 * @throws GradcamError `model` for constants that are not finite.
 */
export async function readGraphScaling(
  topology: unknown,
  network: Network,
  { weights, bytes }: GraphWeights,
): Promise<OwnScaling | null> {
  const def = readGraphDef(topology);
  const byName = new Map(def.map((node) => [node.name, node]));
  const input = findImageInput(network);
  if (integerTypes.has(byName.get(input)?.dtype ?? '')) {
    return { layers: [input], range: '0..255', isWhole: true };
  }
  const chain = chainOf(def, input);
  const names = chain.flatMap(({ inputs }) => inputs.map((one) => sourceOf(one, byName)));
  // Constants are read only where they are used, because all bytes up to the last one are copied.
  const wanted = weights.filter(({ name }) => names.includes(name)).map(({ name }) => name);
  if (wanted.length === 0) return null;
  const group = { paths: ['weights'], weights };
  const values = await readWeights([group], wanted, () => Promise.resolve(new Uint8Array(bytes)));
  return findRange(listSteps(chain, input, (name) => values.get(sourceOf(name, byName)) ?? null));
}

/**
 * The nodes from the picture on that keep the range or are linear, as long as each value has a single
 * reader. `Shape` does not count as a reader.
 */
function chainOf(def: readonly DefNode[], input: string): DefNode[] {
  const chain: DefNode[] = [];
  let at = input;
  for (;;) {
    const users = def.filter(({ op, inputs }) => inputs.includes(at) && op !== 'Shape');
    const [user] = users;
    if (user === undefined || users.length !== 1 || chain.includes(user)) return chain;
    if (!keepsRange.has(user.op) && !linear.has(user.op)) return chain;
    chain.push(user);
    at = user.name;
  }
}

/** The name of the constant behind nodes that only pass a value on. */
function sourceOf(name: string, byName: ReadonlyMap<string, DefNode>): string {
  const seen = new Set<string>();
  let at = name;
  for (let node = byName.get(at); node?.op === 'Identity'; node = byName.get(at)) {
    if (seen.has(at)) return at;
    seen.add(at);
    at = node.inputs[0] ?? at;
  }
  return at;
}

function listSteps(
  chain: readonly DefNode[],
  input: string,
  read: (name: string) => NdArray | null,
): ScalingStep[] {
  const steps: ScalingStep[] = [];
  let at = input;
  for (const node of chain) {
    if (!keepsRange.has(node.op)) {
      const line = lineOf(node, at, read);
      if (line === null) return steps;
      const isCounted = node.op.startsWith('FusedBatchNorm') || COUNTED.test(node.name);
      steps.push({ name: node.name, line, isCounted });
    }
    at = node.name;
  }
  return steps;
}

type Line = ScalingStep['line'];

/**
 * The linear function that a node applies to the value `at`; null where the node is not linear in each
 * channel.
 */
function lineOf(
  { op, inputs, epsilon = 0 }: DefNode,
  at: string,
  read: (name: string) => NdArray | null,
): Line | null {
  if (op.startsWith('FusedBatchNorm')) {
    const [scale, offset, mean, variance] = inputs.slice(1).map((name) => numbersOf(read(name)));
    if (!scale || !offset || !mean || !variance) return null;
    const factors = scale.map((value, i) => value / Math.sqrt(variance[i]! + epsilon));
    return { scale: factors, offset: factors.map((value, i) => offset[i]! - mean[i]! * value) };
  }
  const [first = '', second = ''] = inputs;
  const constant = numbersOf(read(first === at ? second : first));
  if (constant === null || inputs.length !== 2) return null;
  switch (op) {
    case 'Mul':
      return { scale: constant, offset: [0] };
    case 'Add':
    case 'AddV2':
    case 'BiasAdd':
      return { scale: [1], offset: constant };
    case 'Sub':
      return first === at
        ? { scale: [1], offset: constant.map((value) => -value) }
        : { scale: [-1], offset: constant };
    case 'Div':
    case 'RealDiv':
      return first === at ? { scale: constant.map((value) => 1 / value), offset: [0] } : null;
    default:
      return null;
  }
}

/**
 * The values of a constant, if it has one number or one for each of three channels; axes of size 1 do
 * not matter.
 */
function numbersOf(array: NdArray | null): number[] | null {
  if (array === null || (array.data.length !== 1 && array.data.length !== 3)) return null;
  return Array.from(array.data);
}
