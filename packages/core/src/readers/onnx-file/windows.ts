import { resolvePadding } from '../../network/padding.ts';
import { noPadding, type Padding } from '../../network/op.ts';
import { contradictory, unsupported, type Image, type OnnxCall } from './onnx-call.ts';

/** How the window of a convolution or pool moves over an image, or over a series as an image of one row. */
export interface WindowAttributes {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: Padding;
}

/**
 * Reads `kernel_shape`, `strides`, `dilations`, `pads` and `auto_pad`.
 *
 * @param rank rank of the value: 4, or 3 for a series.
 * @param size size of the window where its weights tell it.
 * @throws GradcamError `unsupported` for a window that is not one over an image.
 */
export function readWindow(
  call: OnnxCall,
  image: Image,
  rank: number,
  size?: readonly [number, number],
): WindowAttributes {
  const pair = (name: string): readonly [number, number] => {
    const found = call.attributes.integers(name);
    if (found === null || found.length === 0) return [1, 1];
    if (found.length !== rank - 2 || found.some((one) => one < 1)) {
      throw contradictory(call, `${name} is [${found.join(', ')}], expected ${rank - 2} sizes`);
    }
    return rank === 3 ? [1, found[0]!] : [found[0]!, found[1]!];
  };
  const stated = pair('kernel_shape');
  const window = {
    size: size ?? stated,
    strides: pair('strides'),
    dilations: pair('dilations'),
  };
  return { ...window, padding: readPads(call, image, rank, window) };
}

function readPads(
  call: OnnxCall,
  { height, width }: Image,
  rank: number,
  window: Omit<WindowAttributes, 'padding'>,
): Padding {
  const mode = call.attributes.text('auto_pad', 'NOTSET');
  const pads = call.attributes.integers('pads') ?? [];
  switch (mode) {
    case 'NOTSET':
    case '':
      return toPadding(call, pads, rank);
    case 'VALID':
      return noPadding;
    case 'SAME_UPPER':
      return resolvePadding('same', [height, width], window);
    case 'SAME_LOWER': {
      const { top, bottom, left, right } = resolvePadding('same', [height, width], window);
      return { top: bottom, bottom: top, left: right, right: left };
    }
    default:
      throw unsupported(call, `auto_pad '${mode}' is not supported`);
  }
}

/** ONNX lists the pads before all axes first, then those after them. */
export function toPadding(call: OnnxCall, pads: readonly number[], rank: number): Padding {
  if (pads.length === 0) return noPadding;
  const isPads = pads.length === 2 * (rank - 2) && pads.every((n) => Number.isInteger(n) && n >= 0);
  if (!isPads) {
    throw unsupported(
      call,
      `pads [${pads.join(', ')}]: expected ${2 * (rank - 2)} sizes from 0 on`,
    );
  }
  if (rank === 3) return { top: 0, bottom: 0, left: pads[0]!, right: pads[1]! };
  return { top: pads[0]!, left: pads[1]!, bottom: pads[2]!, right: pads[3]! };
}
