import { GradcamError, isGradcamError } from '../../base/errors.ts';
import { writeErf } from './gelu.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { arrange, plainOrder } from './layout.ts';
import type { NodeValue, Value } from './value.ts';

/** An output of a graph as the network holds it: scores, or an image of scores with its classes last. */
export interface GraphOutput {
  /** Its name in the file. */
  readonly name: string;
  /** Id of the node that holds it. */
  readonly node: string;
  readonly held: NodeValue;
  /** Whether the file's output is the logarithm of this one. */
  readonly isLogarithm: boolean;
}

/**
 * Reads the outputs that can be explained, and notes which others are left out and why.
 *
 * @param read gives the output of a name.
 * @throws GradcamError the reason of the first output where none can be explained.
 */
export function readOutputs(
  { notes }: GraphBuilder,
  names: readonly string[],
  read: (name: string) => GraphOutput,
  where: string,
): GraphOutput[] {
  const failed: FailedOutput[] = [];
  const outputs = names.flatMap((name): GraphOutput[] => {
    try {
      return [read(name)];
    } catch (error) {
      if (!isGradcamError(error, 'unsupported')) throw error;
      failed.push({ name, error });
      return [];
    }
  });
  if (outputs.length === 0) {
    throw failed[0]?.error ?? new GradcamError('model', `${where}: the graph has no outputs`);
  }
  notes.push(...noteFailures(failed));
  return outputs;
}

interface FailedOutput {
  readonly name: string;
  readonly error: GradcamError;
}

/** The most names of outputs that a line lists. */
const LISTED = 3;

/** A line for each reason for which outputs are left out, since a detector may have dozens of one kind. */
function noteFailures(failed: readonly FailedOutput[]): string[] {
  const byReason = new Map<string, FailedOutput[]>();
  for (const one of failed) {
    const reason = one.error.message.replaceAll(`'${one.name}'`, "''");
    byReason.set(reason, [...(byReason.get(reason) ?? []), one]);
  }
  return [...byReason.values()].map((same) => {
    const [{ error }] = same as [FailedOutput];
    if (same.length === 1) return `an output is left out: ${error.message}`;
    const names = same.slice(0, LISTED).map(({ name }) => name);
    const more = same.length > LISTED ? ', ..' : '';
    return `${same.length} outputs are left out (${names.join(', ')}${more}), the first because: ${error.message}`;
  });
}

/**
 * One line for an output that is the index of the largest score.
 *
 * @param chooser the node that chooses, with its operator.
 * @param scores name of the scores among which it chooses.
 */
export function noteChoice(output: string, chooser: string, scores: string): string {
  return `output ${output} is the index of the largest score, chosen by node ${chooser}; the scores before it, ${scores}, are explained`;
}

/** @throws GradcamError `model` for an output that no node of the graph computes. */
export function requireOutput(
  values: ReadonlyMap<string, Value>,
  name: string,
  where: string,
): Value {
  const value = values.get(name);
  if (value !== undefined) return value;
  throw new GradcamError('model', `${where}: no node computes the output '${name}'`);
}

/**
 * Arranges an output: the batch axis is left out, and an image gets its rows first and its channels last.
 * Where the file ends in the logarithm of a softmax, the softmax is the output.
 *
 * @param picture the input that is a picture. It tells where the channels of an image are whose channels a
 *   reshape made, as the pixel shuffle of a super-resolution does.
 * @throws GradcamError `unsupported` for an output that cannot be computed, does not depend on the picture,
 *   or has no batch axis.
 */
export function readOutput(
  builder: GraphBuilder,
  name: string,
  value: Value,
  where: string,
  picture: PictureAxes | null = null,
): GraphOutput {
  if (value.kind === 'failure') throw value.error;
  if (value.kind === 'condition') return readOutput(builder, name, value.value, where, picture);
  if (value.kind === 'erf') {
    return readOutput(builder, name, writeErf(builder, value), where, picture);
  }
  if (value.kind === 'constant') {
    throw new GradcamError(
      'unsupported',
      `${where}: output '${name}' does not depend on the picture`,
    );
  }
  if (value.kind === 'list') {
    throw new GradcamError('unsupported', `${where}: output '${name}' is a list of values`);
  }
  if (value.element === 'integer') {
    throw new GradcamError(
      'unsupported',
      `${where}: output '${name}' holds whole numbers, which are places and not scores; export the model without the step that computes them`,
    );
  }
  const batch = value.batch ?? (value.shape[0] === 1 ? 0 : null);
  if (batch === null) {
    throw new GradcamError(
      'unsupported',
      `${where}: output '${name}' has shape [${value.shape.join(', ')}] for one picture; expected a batch axis as the first one`,
    );
  }
  const given = { ...value, batch };
  const held = withoutLogarithm(builder, given);
  const long = held.shape.filter((size) => size !== 1).length;
  const channels = held.channels ?? findChannels(held.shape, picture);
  const isImage = held.shape.length === 4 && channels !== null && long > 1;
  const plain = plainOrder(held);
  const order = isImage
    ? [...plain.filter((axis) => axis !== channels), channels]
    : held.shape.length > 2 && long <= 1
      ? plain.filter((axis) => held.shape[axis] !== 1)
      : plain;
  const axes = order.length > 0 ? order : plain.slice(0, 1);
  const stored = arrange(builder, held, axes);
  const node = axes.length > 0 ? stored : builder.emit({ kind: 'reshape' }, [stored], [1]);
  return { name, node, held: { ...held, node, order: axes }, isLogarithm: held !== given };
}

/** The shape of a picture with all axes of the file, and the one of its channels. */
export type PictureAxes = Pick<NodeValue, 'shape' | 'channels'>;

/** The first of several inputs that is a picture; null where none is. */
export function findPicture(values: readonly (Value | undefined)[]): PictureAxes | null {
  const isPicture = (value: Value | undefined): value is NodeValue =>
    value?.kind === 'node' && value.shape.length === 4 && value.channels !== null;
  return values.find(isPicture) ?? null;
}

/** The axis of the channels if rows and columns are in the ratio of the picture's; else null. */
function findChannels(shape: readonly number[], picture: PictureAxes | null): number | null {
  if (picture === null || shape.length !== 4) return null;
  const [rows, columns] = [1, 2, 3].filter((axis) => axis !== picture.channels);
  const isAlike =
    shape[rows!]! * picture.shape[columns!]! === shape[columns!]! * picture.shape[rows!]!;
  return isAlike && shape[rows!]! > 1 ? picture.channels : null;
}

function withoutLogarithm(builder: GraphBuilder, value: NodeValue): NodeValue {
  const { op, inputs } = builder.nodes.get(value.node)!;
  if (op.kind !== 'activation' || op.fn.name !== 'log') return value;
  const [before = ''] = inputs;
  return builder.nodes.get(before)?.op.kind === 'softmax' ? { ...value, node: before } : value;
}
