import { countElements } from '../../base/nd-array.ts';
import { noPadding } from '../../network/op.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { arrange, imageOrder } from './layout.ts';
import type { NodeValue } from './value.ts';

/**
 * A range along one axis: `length` places that begin at `start`, `step` apart. A negative step goes
 * backwards.
 */
export interface Stretch {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/** Takes a range of a value along an axis. */
export function cutValue(
  builder: GraphBuilder,
  given: NodeValue,
  axis: number,
  { start, step, length }: Stretch,
): NodeValue {
  if (start === 0 && step === 1 && length === given.shape[axis]) return given;
  const value = withAxis(builder, given, axis);
  const place = value.order.indexOf(axis);
  const from = builder.nodes.get(value.node)!.shape;
  const stored = from.map((size, i) => (i === place ? length : size));
  const isRun = step === 1 || length === 1;
  const op = isRun
    ? ({ kind: 'slice', axis: place, start } as const)
    : ({ kind: 'stride', axis: place, start, step } as const);
  const shape = value.shape.map((size, i) => (i === axis ? length : size));
  return { ...value, shape, node: builder.emit(op, [value.node], stored) };
}

/** Puts zeros before and after a value along an axis. */
export function padValue(
  builder: GraphBuilder,
  given: NodeValue,
  axis: number,
  before: number,
  after: number,
): NodeValue {
  if (before === 0 && after === 0) return given;
  const value = withAxis(builder, given, axis);
  const shape = value.shape.map((size, i) => (i === axis ? size + before + after : size));
  const isImage = value.order.join() === imageOrder.join();
  if (isImage && axis > 1) {
    const padding =
      axis === 2
        ? { ...noPadding, top: before, bottom: after }
        : { ...noPadding, left: before, right: after };
    const stored = value.order.map((one) => shape[one]!);
    return { ...value, shape, node: builder.emit({ kind: 'pad', padding }, [value.node], stored) };
  }
  const place = value.order.indexOf(axis);
  const from = builder.nodes.get(value.node)!.shape;
  const outer = countElements(from.slice(0, place));
  const inner = countElements(from.slice(place + 1));
  const image = builder.emit({ kind: 'reshape' }, [value.node], [outer, from[place]!, inner]);
  const padding = { ...noPadding, left: before, right: after };
  const wide = builder.emit({ kind: 'pad', padding }, [image], [outer, shape[axis]!, inner]);
  const stored = value.order.map((one) => shape[one]!);
  return { ...value, shape, node: builder.emit({ kind: 'reshape' }, [wide], stored) };
}

/** Stores an axis of size 1 that was left out, so that an op can work along it. */
export function withAxis(builder: GraphBuilder, value: NodeValue, axis: number): NodeValue {
  if (value.order.includes(axis)) return value;
  const order = [...value.order, axis];
  const batch = value.batch === axis ? null : value.batch;
  return { ...value, order, batch, node: arrange(builder, value, order) };
}
