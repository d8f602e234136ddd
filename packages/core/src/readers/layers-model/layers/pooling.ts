import { countWindowSteps, resolvePadding } from '../../../network/padding.ts';
import { readPaddingMode } from './convolution.ts';
import { imageInput, type LayerCall, type Value } from './layer-reader.ts';

/** `MaxPooling2D`. */
export function readMaxPooling2d(call: LayerCall): Value {
  return readPooling(call, 'maxPool');
}

/** `AveragePooling2D`. The mean does not include cells of the padding. */
export function readAveragePooling2d(call: LayerCall): Value {
  return readPooling(call, 'averagePool');
}

function readPooling(call: LayerCall, kind: 'maxPool' | 'averagePool'): Value {
  const { input, height, width, channels } = imageInput(call);
  const size = call.attributes.pair('pool_size', [2, 2]);
  const strides = call.attributes.pair('strides', size);
  const window = { size, strides, dilations: [1, 1] as const };
  const padding = resolvePadding(readPaddingMode(call), [height, width], window);
  const steps = countWindowSteps([height, width], window, padding);
  if (steps[0] < 1 || steps[1] < 1) {
    return call.attributes.refuse('pool_size', `at most the image's ${height}x${width}`);
  }
  return call.emit({ kind, size, strides, padding }, [input], [...steps, channels]);
}

/** `GlobalAveragePooling2D`; with `keepdims` the result stays an image of one cell. */
export function readGlobalAveragePooling2d(call: LayerCall): Value {
  return readGlobalPooling(call, 'globalAveragePool');
}

/** `GlobalMaxPooling2D` */
export function readGlobalMaxPooling2d(call: LayerCall): Value {
  return readGlobalPooling(call, 'globalMaxPool');
}

function readGlobalPooling(call: LayerCall, kind: 'globalAveragePool' | 'globalMaxPool'): Value {
  const { input, channels } = imageInput(call);
  if (!call.attributes.flag('keepdims', false)) return call.emit({ kind }, [input], [channels]);
  const pooled = call.emit({ kind }, [input], [channels], { part: 'pooled' });
  return call.emit({ kind: 'reshape' }, [pooled], [1, 1, channels]);
}
