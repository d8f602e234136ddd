import { countElements } from '../../base/nd-array.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { scalarAffine } from './scalar-affine.ts';
import type { NodeValue } from './value.ts';

/** How the values along axes are reduced to one. */
export type ValueReduction = 'mean' | 'sum' | 'max' | 'min';

/**
 * Reduces a value over some axes by mean, sum, maximum or minimum. The value is arranged as an image whose
 * cells are the reduced axes and whose channels are the other axes, so that a pool over the image computes
 * the result.
 *
 * @param axes the axes to reduce; the batch axis must not be among them.
 */
export function reduceValue(
  builder: GraphBuilder,
  value: NodeValue,
  reduction: ValueReduction,
  axes: ReadonlySet<number>,
  keepsAxes: boolean,
): NodeValue {
  if (reduction === 'min') {
    const turned = scalarAffine(builder, value, -1, 0);
    return scalarAffine(builder, reduceValue(builder, turned, 'max', axes, keepsAxes), -1, 0);
  }
  const { shape, order } = value;
  const kept = order.filter((axis) => !axes.has(axis));
  const joined = order.filter((axis) => axes.has(axis));
  const cells = countElements(joined.map((axis) => shape[axis]!));
  const reduced = {
    ...value,
    order: kept,
    shape: shape.map((size, axis) => (axes.has(axis) ? 1 : size)),
    channels: value.channels === null || axes.has(value.channels) ? null : value.channels,
  };
  const isFirst = order.slice(0, joined.length).every((axis) => axes.has(axis));
  const stored = kept.map((axis) => shape[axis]!);
  let { node } = value;
  let divisor = 1;
  if (cells > 1 && isFirst && reduction !== 'sum') {
    const channels = countElements(stored);
    const image = toImage(builder, node, joined, shape, channels);
    const kind = reduction === 'max' ? 'globalMaxPool' : 'globalAveragePool';
    node = builder.emit({ kind }, [image], [channels]);
  } else if (cells > 1) {
    const one = order.map((axis) => (axes.has(axis) ? 1 : shape[axis]!));
    node = builder.emit({ kind: reduction === 'max' ? 'maxTo' : 'sumTo' }, [node], one);
    divisor = reduction === 'mean' ? cells : 1;
  }
  node = reshapeTo(builder, node, stored);
  const made = scalarAffine(builder, { ...reduced, node }, 1 / divisor, 0);
  return keepsAxes ? made : dropAxes(made, axes);
}

/**
 * Where the two axes are an image's rows and columns already, the value stays as it is, so that later steps
 * recognise a pool over the image's cells.
 */
function toImage(
  builder: GraphBuilder,
  node: string,
  joined: readonly number[],
  shape: readonly number[],
  channels: number,
): string {
  const sizes = joined.map((axis) => shape[axis]!);
  const [height = 1, width = 1] = sizes.length === 2 ? sizes : [countElements(sizes)];
  return reshapeTo(builder, node, [height, width, channels]);
}

function reshapeTo(builder: GraphBuilder, node: string, shape: readonly number[]): string {
  const from = builder.nodes.get(node)!.shape;
  return from.join() === shape.join() ? node : builder.emit({ kind: 'reshape' }, [node], shape);
}

/** Drops axes of size 1, which must not be stored. */
export function dropAxes(value: NodeValue, axes: ReadonlySet<number>): NodeValue {
  const left = value.shape.map((_, axis) => axis).filter((axis) => !axes.has(axis));
  const { batch, channels } = value;
  const moved = (axis: number | null): number | null =>
    axis === null || axes.has(axis) ? null : left.indexOf(axis);
  return {
    ...value,
    shape: left.map((axis) => value.shape[axis]!),
    order: value.order.filter((axis) => !axes.has(axis)).map((axis) => left.indexOf(axis)),
    batch: moved(batch),
    channels: moved(channels),
  };
}
