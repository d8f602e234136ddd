import { imageInput, type LayerCall, type Value } from './layer-reader.ts';

/**
 * `AdaptiveAveragePooling2D`: each output cell is the mean of one window, and the windows overlap if the
 * output's size does not divide the input's. The operation is linear along each axis, so it is written as a
 * resize with the grid `windows`.
 */
export function readAdaptiveAveragePooling2d(call: LayerCall): Value {
  const { input, channels } = imageInput(call);
  const [height, width] = call.attributes.pair('output_size');
  const op = { kind: 'resize', grid: 'windows', height, width } as const;
  return call.emit(op, [input], [height, width, channels]);
}

/** `AdaptiveMaxPooling2D`, if all windows have the same size. */
export function readAdaptiveMaxPooling2d(call: LayerCall): Value {
  const { input, height, width, channels } = imageInput(call);
  const to = call.attributes.pair('output_size');
  const size = [height / to[0], width / to[1]] as const;
  if (!size.every(Number.isInteger)) {
    call.attributes.refuse(
      'output_size',
      `divisors of ${height} and ${width}: windows of one size`,
    );
  }
  const padding = { top: 0, bottom: 0, left: 0, right: 0 };
  return call.emit({ kind: 'maxPool', size, strides: size, padding }, [input], [...to, channels]);
}
