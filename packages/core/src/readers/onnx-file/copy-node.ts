import { concatenate, createMessageWriter } from '../../base/protobuf-writer.ts';
import { GradcamError } from '../../base/errors.ts';
import { countElements } from '../../base/nd-array.ts';
import {
  isRealType,
  type CopiedConstant,
  type CopiedInput,
  type CopiedNode,
  type FileLayout,
  type RawTensor,
} from '../../network/copied-node.ts';
import { MAX_NODE_VALUES } from '../../network/network-limits.ts';
import { writeErf } from '../graph/gelu.ts';
import { plainOrder } from '../graph/layout.ts';
import type { NodeValue, Value } from '../graph/value.ts';
import type { CopyContext } from './copy-context.ts';
import { decodeRaw, rawBytes } from './decode-tensor.ts';
import { kindOfType } from './element-types.ts';
import { refuseCopy } from './copy-rules.ts';
import type { OnnxTranslation } from './onnx-translation.ts';
import type { OnnxFileAttribute, OnnxFileNode } from './proto/onnx-schema.ts';

/**
 * Makes a node that is not translated an opaque node of the network, which ONNX Runtime computes. The
 * shapes and element types of its values are those of a run of the file.
 *
 * @param what how errors name the node.
 * @param reason why it is not translated.
 * @returns a value for each output. A node of constants gives the constants that the run has shown.
 * @throws the reason where the file has not been run yet; GradcamError `unsupported` for a node that cannot
 *   be copied.
 */
export function copyNode(
  node: OnnxFileNode,
  what: string,
  inputs: readonly (Value | null)[],
  translation: OnnxTranslation,
  reason: GradcamError,
): readonly Value[] {
  const { copying } = translation;
  if (copying === null) throw reason;
  const { place } = copying;
  const fail = (error: GradcamError, isCopyable: boolean): never => {
    copying.findings.untranslated.set(place, { error, isCopyable });
    throw error;
  };
  const refusal = refuseCopy(node, what, copying.opsets, reason);
  if (refusal !== null) return fail(refusal, false);
  const shown = copying.facts.refused.get(place);
  if (shown !== undefined) {
    return fail(new GradcamError('unsupported', `${reason.message}; ${shown}`), false);
  }
  const known = node.outputs.map((name) =>
    name === '' ? null : (copying.facts.values.get(name) ?? fail(reason, true)),
  );
  const large = known.find((value) => value !== null && !isUsable(value.shape));
  if (large != null) {
    const found = `its output [${large.shape.join(', ')}] is empty or over ${MAX_NODE_VALUES} values`;
    return fail(
      new GradcamError('unsupported', `${what}: ${found}, which is not supported`),
      false,
    );
  }
  const isConstant = inputs.every((input) => input === null || input.kind === 'constant');
  if (isConstant) {
    return known.map(
      (value, i) => (value && decodeRaw(value, node.outputs[i]!)) ?? fail(reason, false),
    );
  }
  const computed: NodeValue[] = [];
  const copied = node.inputs.map((name, i): CopiedNode['inputs'][number] => {
    const value = inputs[i] ?? null;
    if (value === null) return null;
    if (value.kind === 'constant') {
      return constantOf(name, what, translation, copying) ?? fail(reason, true);
    }
    const type = copying.inputTypes.get(name) ?? copying.facts.values.get(name)?.type;
    if (type === undefined) return fail(reason, true);
    const held = heldBy(value, translation);
    if (!isSame(value, type, name, translation, copying)) {
      copying.findings.toChoose.add(copying.producers.get(name)!);
      return fail(reason, true);
    }
    const { shape, order, batch } = held;
    computed.push(held);
    return { kind: 'value', index: computed.length - 1, type, shape, order, batch };
  });
  return writeCopy({ node, copied, computed, known, reason }, translation, copying);
}

interface Copy {
  readonly node: OnnxFileNode;
  readonly copied: readonly (CopiedConstant | CopiedInput | null)[];
  readonly computed: readonly NodeValue[];
  readonly known: readonly (RawTensor | null)[];
  readonly reason: GradcamError;
}

function writeCopy(
  { node, copied, computed, known, reason }: Copy,
  { builder, opset }: OnnxTranslation,
  { titles, place, opsets }: CopyContext,
): readonly Value[] {
  const outputs = known.map((value) => (value === null ? null : layoutOf(value, computed)));
  const { type, domain } = node;
  const call = {
    ...({ kind: 'opaque', by: 'onnx-file', masked: false, layer: titles[place]! } as const),
    className: domain === '' ? type : `${domain}.${type}`,
    config: { obstacle: obstacleOf(reason) },
    inputShapes: computed.map(({ node: id }) => builder.nodes.get(id)!.shape),
    copied: {
      ...{ type, domain, opset, domainVersion: opsets.get(domain) ?? 1 },
      attributes: [...node.attributes.values()].map(encodeAttribute),
      ...{ inputs: copied, outputs },
    },
  };
  const ids = computed.map(({ node: id }) => id);
  return outputs.map((layout, output): Value => {
    if (layout === null) return { kind: 'failure', error: reason };
    const { shape, order, batch, channels } = layout;
    const stored = order.map((axis) => shape[axis]!);
    const id = builder.emit({ ...call, output }, ids, stored);
    const value = { kind: 'node', node: id, shape, order, batch, channels } as const;
    if (isRealType(layout.type)) return value;
    if (kindOfType(layout.type) === 'boolean') return { kind: 'condition', value, of: null };
    return { ...value, element: 'integer' };
  });
}

/** An attribute under its own name. In a function it may be one of the caller's, which has another name. */
function encodeAttribute({ encoded, name }: OnnxFileAttribute): Uint8Array {
  const writer = createMessageWriter();
  writer.encoded(encoded);
  writer.text(1, name);
  return concatenate(writer.finish());
}

/** The part of a reason that follows the node's own name, without what it says of a model that is refused. */
function obstacleOf({ message }: GradcamError): string {
  return message
    .replace(/^.*?\): /, '')
    .replace(/ \(nearest supported: \w+\)/, '')
    .replace(/; without it the layers behind cannot be computed$/, '');
}

function isUsable(shape: readonly number[]): boolean {
  return shape.every((size) => size > 0) && countElements(shape) <= MAX_NODE_VALUES;
}

function constantOf(
  name: string,
  what: string,
  { external }: OnnxTranslation,
  { tensors, facts }: CopyContext,
): CopiedConstant | null {
  const stated = tensors.get(name);
  if (stated === undefined) {
    const found = facts.values.get(name);
    return found === undefined ? null : { kind: 'constant', tensor: found };
  }
  const { type, shape, encoded } = stated;
  const bytes = rawBytes(stated, external, what);
  return { kind: 'constant', tensor: bytes === null ? { encoded } : { type, shape, bytes } };
}

function heldBy(
  value: Exclude<Value, { kind: 'constant' }>,
  { builder, where }: OnnxTranslation,
): NodeValue {
  if (value.kind === 'erf') return writeErf(builder, value);
  if (value.kind === 'condition') return value.value;
  if (value.kind === 'failure') throw value.error;
  if (value.kind === 'list') {
    throw new GradcamError('unsupported', `${where}: lists of values are not copied`);
  }
  return value;
}

/**
 * Whether the network holds the same numbers as the file. Integers that a quantisation has made may be held
 * as the real numbers for which they stand.
 */
function isSame(
  value: Value,
  type: number,
  name: string,
  { builder }: OnnxTranslation,
  { producers }: CopyContext,
): boolean {
  if (isRealType(type)) return true;
  if (!producers.has(name) || value.kind === 'condition') return true;
  if (value.kind !== 'node') return false;
  if (value.element === 'integer') return true;
  // A picture of integers whose axes only stand in another order.
  let { op, inputs } = builder.nodes.get(value.node)!;
  while (op.kind === 'reshape' || op.kind === 'permute') {
    ({ op, inputs } = builder.nodes.get(inputs[0]!)!);
  }
  return op.kind === 'input';
}

interface OutputLayout extends FileLayout {
  readonly channels: number | null;
}

/**
 * The layout of an output. Its batch axis is that of an input, if that axis has one item here too, or else
 * the first axis. Whether this is right shows when the model runs two pictures at once and each alone.
 */
function layoutOf({ type, shape }: RawTensor, computed: readonly NodeValue[]): OutputLayout {
  const like = computed.find(({ shape: other }) => other.length === shape.length) ?? null;
  const ones = shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const candidates = [like?.batch, computed[0]?.batch, 0, ones.length === 1 ? ones[0] : null];
  const batch = candidates.find((axis) => axis != null && shape[axis] === 1) ?? null;
  const channels = like !== null && like.batch === batch ? like.channels : null;
  const plain = plainOrder({ shape, batch });
  const isImage = shape.length === 4 && channels !== null;
  const order = isImage ? [...plain.filter((axis) => axis !== channels), channels] : plain;
  return { type, shape, order, batch, channels };
}
