import { countElements } from '../../base/nd-array.ts';
import { noPadding } from '../../network/op.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { arrange, imageOrder } from './layout.ts';
import type { NodeValue } from './value.ts';

/** Places of one axis, from `start` on, every `step`-th, `length` of them. */
export interface Stretch {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/** Part of a value along an axis. */
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
  // Every step-th of the stretch up to the last that is taken.
  const span = (length - 1) * step + 1;
  const stretch = from.map((size, i) => (i === place ? span : size));
  let node = value.node;
  if (span !== from[place]) {
    node = builder.emit({ kind: 'slice', axis: place, start }, [node], stretch);
  }
  if (step > 1) {
    // As an image whose rows are sampled by a window of one cell.
    const before = countElements(stretch.slice(0, place));
    const after = countElements(stretch.slice(place + 1));
    const image = builder.emit({ kind: 'reshape' }, [node], [before, span, after]);
    const op = { kind: 'maxPool', size: [1, 1], strides: [1, step], padding: noPadding } as const;
    const sampled = builder.emit(op, [image], [before, length, after]);
    const shape = from.map((size, i) => (i === place ? length : size));
    node = builder.emit({ kind: 'reshape' }, [sampled], shape);
  }
  return { ...value, node, shape: value.shape.map((size, i) => (i === axis ? length : size)) };
}

/** Zeros before and after a value along an axis. */
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

/** The value with an axis of size 1 stored like the others. */
function withAxis(builder: GraphBuilder, value: NodeValue, axis: number): NodeValue {
  if (value.order.includes(axis)) return value;
  const order = [...value.order, axis];
  const batch = value.batch === axis ? null : value.batch;
  return { ...value, order, batch, node: arrange(builder, value, order) };
}
