import { countElements } from '../../../base/nd-array.ts';
import { isRealType, type CopiedNode, type FileLayout } from '../../../network/copied-node.ts';
import type { OpOf } from '../../../network/op.ts';
import type { GraphWriter } from '../graph-writer.ts';
import { elementType } from '../proto/onnx-model.ts';
import type { StoredOrder, StoredValue } from './stored-order.ts';

/** One output of a copied node. */
export interface CopiedCall extends Pick<OpOf<'opaque'>, 'layer' | 'output'> {
  readonly copied: CopiedNode;
}

/**
 * Copies a node of an ONNX file into the graph, the first time that one of its outputs is asked for. Its
 * inputs are brought into the file's order of axes and element type, and its output into the Network's.
 *
 * @param stored the computed inputs, and their shapes in the Network.
 */
export function lowerCopied(
  writer: GraphWriter,
  { layer, copied, output }: CopiedCall,
  stored: readonly StoredValue[],
  shapes: readonly (readonly number[])[],
): StoredValue {
  const outputs = writer.onceMany(`copy of ${layer}`, () => {
    const inputs = copied.inputs.map((input) => {
      if (input === null) return '';
      if (input.kind === 'constant') return writer.copied(input);
      return toFile(writer, stored[input.index]!, shapes[input.index]!.length, input);
    });
    return writer.addCopy(copied, inputs);
  });
  const layout = typeof output === 'number' ? copied.outputs[output] : undefined;
  if (layout == null) throw new Error(`node ${layer} has no output ${output}`);
  return {
    ...fromFile(writer, outputs[output as number]!, layout),
    isShared: stored.length > 0 && stored.every(({ isShared }) => isShared === true),
  };
}

/** The axes of a value after its batch axis, in the order of the graph, as indices of the file's axes. */
function axesInGraph(order: readonly number[], stored: StoredOrder): readonly number[] {
  return stored === 'plain' ? order : [order[2]!, order[0]!, order[1]!];
}

/** Stands for the first axis of a value whose batch the file has merged into another axis. */
const MERGED = -1;

function toFile(
  writer: GraphWriter,
  value: StoredValue,
  rank: number,
  { shape, order, batch, type }: FileLayout,
): string {
  const isImage = rank === 3 && value.order === 'channelsFirst';
  const axes = [batch ?? MERGED, ...axesInGraph(order, isImage ? 'channelsFirst' : 'plain')];
  const sorted = [...axes].sort((a, b) => a - b);
  const perm = sorted.map((axis) => axes.indexOf(axis));
  const moved = isSorted(perm) ? value.name : writer.add('Transpose', [value.name], { perm });
  const isWhole = batch !== null && sorted.length === shape.length;
  const open = batch ?? 0;
  const sizes = shape.map((size, axis) => (axis === open ? -1 : size));
  const shaped = isWhole
    ? moved
    : writer.add('Reshape', [moved, writer.integers(sizes, [sizes.length])]);
  if (type === elementType.float32) return shaped;
  // A cast cuts fractions off. A picture for whole numbers has fractions after it was resized.
  const whole = isRealType(type) ? shaped : writer.add('Round', [shaped]);
  return writer.add('Cast', [whole], { to: type });
}

function fromFile(
  writer: GraphWriter,
  name: string,
  { shape, order, batch, type }: FileLayout,
): StoredValue {
  const value =
    type === elementType.float32 ? name : writer.add('Cast', [name], { to: elementType.float32 });
  if (batch === null) {
    const sizes = [-1, ...shape];
    return { name: writer.add('Reshape', [value, writer.integers(sizes)]), order: 'plain' };
  }
  const isImage = order.length === 3 && order[2]! < order[0]! && countElements(shape) > 1;
  const stored = isImage ? 'channelsFirst' : 'plain';
  const perm = [batch, ...axesInGraph(order, stored)];
  return {
    name: isSorted(perm) ? value : writer.add('Transpose', [value], { perm }),
    order: stored,
  };
}

function isSorted(axes: readonly number[]): boolean {
  return axes.every((axis, place) => place === 0 || axis > axes[place - 1]!);
}
