import type { NdArray } from '../../base/nd-array.ts';
import type { GraphNode, Network } from '../../network/network.ts';
import { isPicture } from '../../network/select-input.ts';

/** The pixel ranges that nets are trained on. */
export type PixelRange = '0..255' | '0..1' | '-1..1';

/** The scaling that a model itself applies to its pixels first. */
export interface OwnScaling {
  /** The layers that scale, in order. */
  readonly layers: readonly string[];
  /** The pixel range that these layers were written for. */
  readonly range: PixelRange;
  /** Whether the range follows from the type of the input, which is an integer. */
  readonly isWhole?: boolean;
}

/** One node of the scaling: x * scale + offset in each channel. */
export interface ScalingStep {
  readonly name: string;
  readonly line: Line;
  /** Whether the numbers were measured on data. Their factor alone then says nothing about the range. */
  readonly isCounted: boolean;
}

interface Line {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/**
 * Largest absolute value that a net is expected to see. Nets are trained on values of about 1, so when
 * 255 times the factor stays below this limit, the layer takes pixels 0..255: 1/255 gives 1, 1/127.5
 * gives 2, and ImageNet's deviation of 0.225 * 255 gives 4.4. Factors for pixels 0..1 are 2 or more,
 * which would give 510.
 */
const LARGEST_VALUE = 12;

/**
 * Tolerance for the pixel value that a net maps to zero. It separates nets for -1..1 from nets for
 * 0..1.
 */
const NEAR = 0.02;

/**
 * Names of the weights that {@link findOwnScaling} reads, such as those of an adapted Normalization at
 * the input.
 */
export function listScalingWeights(network: Network): string[] {
  return chainOf(network).flatMap(({ weights }) => Object.values(weights));
}

/**
 * Finds the scaling that a model applies to its pixels first (`Rescaling`, `Normalization`, a batch
 * normalisation, operators such as `x / 127.5 - 1`), and the pixel range that it was written for. The
 * range is 0..255 where the pixel value that becomes zero is above 1, or where the factor is small.
 *
 * @param weights the weights that {@link listScalingWeights} names.
 * @returns null where the model begins with something else, or where its first layers fit several
 *   ranges.
 */
export function findOwnScaling(
  network: Network,
  weights: ReadonlyMap<string, NdArray>,
): OwnScaling | null {
  const steps: ScalingStep[] = [];
  for (const node of chainOf(network)) {
    const line = lineOf(node, weights);
    if (line === null) break;
    steps.push({ name: node.name, line, isCounted: node.op.kind === 'batchNorm' });
  }
  return findRange(steps);
}

/** The pixel range that these steps were written for; null where they fit several ranges. */
export function findRange(steps: readonly ScalingStep[]): OwnScaling | null {
  if (steps.length === 0) return null;
  const total = steps.reduce<Line>((before, { line }) => compose(before, line), {
    scale: [1],
    offset: [0],
  });
  const isCounted = steps.some((step) => step.isCounted);
  const range = rangeOf(total, isCounted);
  return range === null ? null : { layers: steps.map(({ name }) => name), range };
}

/** The affine nodes from the picture on, as long as each value has a single reader. */
function chainOf(network: Network): GraphNode[] {
  const chain: GraphNode[] = [];
  let at = network.inputs.find((name) => isPicture(network, name));
  while (at !== undefined) {
    const users = network.nodes.filter(({ inputs }) => inputs.includes(at!));
    const [user] = users;
    const isAffine = user?.op.kind === 'affine' || user?.op.kind === 'batchNorm';
    if (users.length !== 1 || user === undefined || user.inputs.length !== 1) break;
    if (!isAffine && !isRounding(user)) break;
    if (isAffine) chain.push(user);
    at = user.name;
  }
  return chain;
}

/** Pixels of an input of integers are rounded first. */
function isRounding({ op }: GraphNode): boolean {
  return op.kind === 'activation' && op.fn.name === 'quantise' && op.fn.step === 1;
}

function lineOf({ op, weights }: GraphNode, values: ReadonlyMap<string, NdArray>): Line | null {
  if (op.kind === 'affine') return { scale: op.scale, offset: op.offset };
  if (op.kind !== 'batchNorm') return null;
  const valuesOf = (role: string): ArrayLike<number> | null => {
    const name = weights[role];
    return name === undefined ? null : (values.get(name)?.data ?? null);
  };
  const [mean, variance] = [valuesOf('mean'), valuesOf('variance')];
  if (mean === null || variance === null) return null;
  const [gamma, beta] = [valuesOf('gamma'), valuesOf('beta')];
  const scale = Array.from(
    { length: mean.length },
    (_, i) => (gamma?.[i] ?? 1) / Math.sqrt(variance[i]! + op.epsilon),
  );
  return { scale, offset: scale.map((factor, i) => (beta?.[i] ?? 0) - mean[i]! * factor) };
}

function compose(first: Line, then: Line): Line {
  const length = Math.max(
    ...[first, then].flatMap((line) => [line.scale.length, line.offset.length]),
  );
  const at = (values: readonly number[], i: number): number => values[values.length === 1 ? 0 : i]!;
  const channels = Array.from({ length }, (_, i) => i);
  return {
    scale: channels.map((i) => at(first.scale, i) * at(then.scale, i)),
    offset: channels.map((i) => at(first.offset, i) * at(then.scale, i) + at(then.offset, i)),
  };
}

/**
 * @param isCounted whether the numbers were measured on data. Their factor alone then says nothing.
 */
function rangeOf({ scale, offset }: Line, isCounted: boolean): PixelRange | null {
  const factor = Math.max(...scale.map(Math.abs));
  if (!Number.isFinite(factor) || factor === 0) return null;
  const zeros = scale.map((value, i) => -(offset[offset.length === 1 ? 0 : i] ?? 0) / value);
  const isSmall = !isCounted && factor * 255 <= LARGEST_VALUE;
  if (zeros.some((zero) => zero > 1 + NEAR) || isSmall) return '0..255';
  if (zeros.every((zero) => Math.abs(zero + 1) < NEAR)) return '-1..1';
  const isIdentity = scale.every((value) => value === 1) && offset.every((value) => value === 0);
  const isWithin = zeros.every((zero) => zero > NEAR && zero <= 1 + NEAR);
  // A factor of 2 or more without an offset enlarges small values.
  const isEnlarged = !isCounted && factor >= 2 && zeros.every((zero) => zero === 0);
  return !isIdentity && (isWithin || isEnlarged) ? '0..1' : null;
}
