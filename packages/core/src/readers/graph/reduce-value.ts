import { countElements } from '../../base/nd-array.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { scalarAffine } from './scalar-affine.ts';
import type { NodeValue } from './value.ts';

/** How values along axes become one. */
export type ValueReduction = 'mean' | 'sum' | 'max' | 'min';

/**
 * Mean, sum, maximum or minimum over some axes: as of an image whose cells are what is put together, and
 * whose channels are the rest.
 *
 * @param axes none of them the batch's.
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
 * Two axes that are an image's already stay what they are, so that the pool is seen as one over its cells.
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

/** The value without some axes of size 1. */
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
