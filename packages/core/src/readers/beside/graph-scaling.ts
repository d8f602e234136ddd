import type { NdArray } from '../../base/nd-array.ts';
import { readWeights } from '../../artifact/decode-weights.ts';
import type { ManifestWeight } from '../../artifact/weights-manifest.ts';
import { readGraphDef, type DefNode } from '../graph-def/graph-def.ts';
import type { Network } from '../../network/network.ts';
import { findImageInput } from '../../network/taps.ts';
import { settleScaling, type OwnScaling, type ScalingStep } from './own-scaling.ts';

/** Ops that change where pixels stand, or their type, but not the range that they are in. */
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

/** Ops that are a line where their other value is a constant. */
const linear: ReadonlySet<string> = new Set([
  ...['Add', 'AddV2', 'BiasAdd', 'Div', 'Mul', 'RealDiv', 'Sub'],
  ...['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'],
]);

/** A layer whose numbers were counted on data, by the name that Keras gives it; converters fold it into two ops. */
const COUNTED = /batch_?norm|(^|[/_])bn\d*([/_]|$)/i;

const integerTypes: ReadonlySet<string> = new Set([
  'DT_UINT8',
  'DT_INT32',
  'DT_INT64',
  'DT_UINT16',
]);

/** The weights of a GraphModel, one after the other. */
export interface GraphWeights {
  readonly weights: readonly ManifestWeight[];
  readonly bytes: ArrayBuffer;
}

/**
 * Finds what a GraphModel does with its pixels before anything else, as `findOwnScaling` does of a network: its
 * ops are `Mul`, `Sub`, `RealDiv` and their like with constants, or a batch normalisation. An input of whole
 * numbers takes pixels as files have them.
 *
 * @param network that of the graph, for its inputs.
 * @returns null where it begins with something else, or its first ops fit several ranges.
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
  // Read only where there is something to look at: the bytes are copied up to the last of them.
  const wanted = weights.filter(({ name }) => names.includes(name)).map(({ name }) => name);
  if (wanted.length === 0) return null;
  const group = { paths: ['weights'], weights };
  const values = await readWeights([group], wanted, () => Promise.resolve(new Uint8Array(bytes)));
  return settleScaling(
    listSteps(chain, input, (name) => values.get(sourceOf(name, byName)) ?? null),
  );
}

/** Such nodes from the picture on, as far as each value is used by one alone; its shape may be asked for beside that. */
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

/** The constant that a name stands for, past the nodes that only hand it on. */
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

/** What the node makes of the value `at`; null for what is no line for each channel. */
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

/** One number, or one for each of three channels, whatever axes of one stand about them. */
function numbersOf(array: NdArray | null): number[] | null {
  if (array === null || (array.data.length !== 1 && array.data.length !== 3)) return null;
  return Array.from(array.data);
}
