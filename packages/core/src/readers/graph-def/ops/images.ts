import { resolvePadding } from '../../../network/padding.ts';
import { noPadding, type Padding } from '../../../network/op.ts';
import { arrange, transposeValue } from '../../graph/layout.ts';
import type { NodeValue } from '../../graph/value.ts';
import { contradictory, unsupported, valueAt, type DefCall } from '../def-call.ts';

/** An image as the network stores it: [height, width, channels]. */
export interface Image {
  readonly node: string;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

const lastOrder: readonly number[] = [1, 2, 3];

/**
 * The image that is the input at an index, whichever order `data_format` states.
 *
 * @throws GradcamError `unsupported` for a value that is not one image.
 */
export function imageAt(call: DefCall, index: number): Image {
  const given = valueAt(call, index);
  const { shape } = given;
  if (shape.length !== 4 || shape[0] !== 1) {
    throw unsupported(
      call,
      `its input has shape [${shape.join(', ')}]; expected one image [1, height, width, channels]`,
    );
  }
  const value = isFirst(call) ? transposeValue(given, [0, 2, 3, 1]) : given;
  const [, height = 1, width = 1, channels = 1] = value.shape;
  return { node: arrange(call.builder, value, lastOrder), height, width, channels };
}

/** The result of an op on an image, in the order that `data_format` states. */
export function imageValue(call: DefCall, node: string): NodeValue {
  const [height = 1, width = 1, channels = 1] = call.builder.nodes.get(node)!.shape;
  const shape = [1, height, width, channels];
  const value = { kind: 'node', node, shape, order: lastOrder, batch: 0, channels: 3 } as const;
  return isFirst(call) ? transposeValue(value, [0, 3, 1, 2]) : value;
}

/** Whether the file has channels before rows (NCHW). */
export function isFirst(call: DefCall): boolean {
  const format = call.attributes.text('data_format', 'NHWC');
  if (format !== 'NHWC' && format !== 'NCHW') {
    throw unsupported(call, `data_format '${format}' is not supported; expected NHWC or NCHW`);
  }
  return format === 'NCHW';
}

/** Height and width of an attribute that states a size for each of the four axes. */
export function sidesOf(call: DefCall, name: string): readonly [height: number, width: number] {
  const found = call.attributes.integers(name);
  if (found.length === 0) return [1, 1];
  const [items, a, b, c] = found;
  const [height, width, channels] = isFirst(call) ? [b, c, a] : [a, b, c];
  const isSides = found.length === 4 && items === 1 && channels === 1;
  if (!isSides || height! < 1 || width! < 1) {
    throw unsupported(
      call,
      `its ${name} are [${found.join(', ')}]; expected 1 for batch and channels, and at least 1 for the sides`,
    );
  }
  return [height!, width!];
}

/** How a window moves over an image. */
export interface MovingWindow {
  readonly size: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly dilations: readonly [height: number, width: number];
}

/** Resolves the attribute `padding` for an image of that size. */
export function paddingOf(
  call: DefCall,
  sides: readonly [height: number, width: number],
  window: MovingWindow,
): Padding {
  const mode = call.attributes.text('padding', 'VALID');
  if (mode === 'VALID') return noPadding;
  if (mode === 'SAME') return resolvePadding('same', sides, window);
  const pads = call.attributes.integers('explicit_paddings');
  if (mode !== 'EXPLICIT' || pads.length !== 8 || pads.some((cells) => cells < 0)) {
    throw unsupported(call, `padding '${mode}' with [${pads.join(', ')}] is not supported`);
  }
  const first = isFirst(call) ? 4 : 2;
  const [top, bottom, left, right] = pads.slice(first, first + 4) as [
    number,
    number,
    number,
    number,
  ];
  const others = pads.reduce((sum, cells) => sum + cells, 0) - top - bottom - left - right;
  if (others !== 0) throw unsupported(call, 'padding channels or the batch is not supported');
  return { top, bottom, left, right };
}

/** @throws GradcamError `model` for a window that does not fit into its image. */
export function checkSteps(
  call: DefCall,
  steps: readonly [number, number],
  { height, width }: Image,
  { size }: MovingWindow,
): void {
  if (steps.every((one) => one >= 1)) return;
  throw contradictory(
    call,
    `its window ${size.join('x')} is larger than the image ${height}x${width}; a larger --input-size may be needed`,
  );
}
