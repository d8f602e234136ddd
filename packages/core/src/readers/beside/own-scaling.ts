import type { NdArray } from '../../base/nd-array.ts';
import type { GraphNode, Network } from '../../network/network.ts';

/** Ranges of pixels that nets are trained on. */
export type PixelRange = '0..255' | '0..1' | '-1..1';

/** What a model does with pixels before anything else. */
export interface OwnScaling {
  /** The layers that do it, in order. */
  readonly layers: readonly string[];
  /** What they were written for. */
  readonly range: PixelRange;
  /** Whether it is the input's type that says so: whole numbers. */
  readonly isWhole?: boolean;
}

/** What one node makes of pixels: a line for each channel, x * scale + offset. */
export interface ScalingStep {
  readonly name: string;
  readonly line: Line;
  /** Whether the numbers were counted on data, which says nothing by its factor alone. */
  readonly isCounted: boolean;
}

interface Line {
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

/**
 * Nets are trained on values of about one: where 255 times the factor stays under this, the layer takes
 * pixels 0..255. 1/255 gives 1, 1/127.5 gives 2, ImageNet's deviation 0.225 * 255 gives 4.4; factors for
 * pixels of 0..1 begin at 2, which would give 510.
 */
const LARGEST_VALUE = 12;

/** Zero of a net that takes -1..1, and of one that takes 0..1, are at least so far from each other. */
const NEAR = 0.02;

/** Names of the weights that {@link findOwnScaling} would look at: of an adapted Normalization at the input. */
export function listScalingWeights(network: Network): string[] {
  return chainOf(network).flatMap(({ weights }) => Object.values(weights));
}

/**
 * Finds what a model itself does with its pixels (`Rescaling`, `Normalization`, a batch normalisation, operators
 * such as `x / 127.5 - 1`) and for which range that was written: the value that becomes zero is above 1, or
 * the factor small, where that is 0..255.
 *
 * @param weights those of {@link listScalingWeights}.
 * @returns null where the model begins with something else, or its first layers fit several ranges.
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
  return settleScaling(steps);
}

/** For which pixels these steps, from the input on, were written; null where they fit several ranges. */
export function settleScaling(steps: readonly ScalingStep[]): OwnScaling | null {
  if (steps.length === 0) return null;
  const total = steps.reduce<Line>((before, { line }) => compose(before, line), {
    scale: [1],
    offset: [0],
  });
  const isCounted = steps.some((step) => step.isCounted);
  const range = rangeOf(total, isCounted);
  return range === null ? null : { layers: steps.map(({ name }) => name), range };
}

/** Affine nodes from the picture on, as far as each value is used by one node alone. */
function chainOf(network: Network): GraphNode[] {
  const images = network.inputs.filter((name) => {
    const shape = network.nodes.find((node) => node.name === name)?.shape ?? [];
    return shape.length === 3 && (shape[2] === 1 || shape[2] === 3);
  });
  const chain: GraphNode[] = [];
  let at = images[0];
  while (at !== undefined) {
    const users = network.nodes.filter(({ inputs }) => inputs.includes(at!));
    const [user] = users;
    const isAffine = user?.op.kind === 'affine' || user?.op.kind === 'batchNorm';
    if (users.length !== 1 || user === undefined || !isAffine || user.inputs.length !== 1) break;
    chain.push(user);
    at = user.name;
  }
  return chain;
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

/** @param isCounted whether the numbers were counted on data, which says nothing by its factor alone. */
function rangeOf({ scale, offset }: Line, isCounted: boolean): PixelRange | null {
  const factor = Math.max(...scale.map(Math.abs));
  if (!Number.isFinite(factor) || factor === 0) return null;
  const zeros = scale.map((value, i) => -(offset[offset.length === 1 ? 0 : i] ?? 0) / value);
  const isSmall = !isCounted && factor * 255 <= LARGEST_VALUE;
  if (zeros.some((zero) => zero > 1 + NEAR) || isSmall) return '0..255';
  if (zeros.every((zero) => Math.abs(zero + 1) < NEAR)) return '-1..1';
  const isIdentity = scale.every((value) => value === 1) && offset.every((value) => value === 0);
  const isWithin = zeros.every((zero) => zero > NEAR && zero <= 1 + NEAR);
  // A factor alone, of 2 or more, enlarges what is small.
  const isEnlarged = !isCounted && factor >= 2 && zeros.every((zero) => zero === 0);
  return !isIdentity && (isWithin || isEnlarged) ? '0..1' : null;
}
