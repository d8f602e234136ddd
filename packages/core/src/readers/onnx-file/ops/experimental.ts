import { lazyConstant } from '../../graph/constant.ts';
import { cutValue } from '../../graph/cut-value.ts';
import { joinConstant } from '../../graph/lines.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import { contradictory, type Translate, valueAt } from '../onnx-call.ts';

/**
 * Operators that ONNX had as experimental ones up to opset 9. Files that come from Core ML still have them,
 * and ONNX Runtime still runs them.
 */

/** `x * scale + bias`, with one scale and one bias for each channel. */
const translateImageScaler: Translate = (call) => {
  const { attributes, builder } = call;
  const value = valueAt(call, 0);
  const channels = value.shape[1] ?? 0;
  const bias = attributes.floats('bias') ?? [];
  const scaled = scalarAffine(builder, value, attributes.float('scale', 1), 0);
  const shape = [channels, 1, 1];
  const constant = lazyConstant(`${call.name} bias`, 'float', shape, () => Float32Array.from(bias));
  const fits = value.shape.length === 4 && bias.length === channels;
  const made = fits ? joinConstant(builder, scaled, constant, 'bias') : null;
  if (made !== null) return [made];
  throw contradictory(
    call,
    `its bias has ${bias.length} numbers for a value [${value.shape.join(', ')}], expected one for each channel`,
  );
};

/** Takes the border off an image, or takes the stated rows and columns behind its left and top border. */
const translateCrop: Translate = (call) => {
  const { attributes, builder } = call;
  const value = valueAt(call, 0);
  const border = attributes.integers('border') ?? [];
  const size = attributes.integers('scale');
  const [, , height = 0, width = 0] = value.shape;
  const [left = 0, top = 0, right = 0, bottom = 0] = border;
  const [rows = 0, columns = 0] = size ?? [height - top - bottom, width - left - right];
  const fits =
    [left, top, right, bottom].every((cells) => cells >= 0) &&
    rows >= 1 &&
    columns >= 1 &&
    top + rows <= height &&
    left + columns <= width;
  if (value.shape.length !== 4 || border.length !== 4 || !fits) {
    const stated = size === null ? '' : ` and of the size [${size.join(', ')}]`;
    throw contradictory(
      call,
      `a crop by the border [${border.join(', ')}]${stated} of a value [${value.shape.join(', ')}]`,
    );
  }
  const inRows = cutValue(builder, value, 2, { start: top, step: 1, length: rows });
  return [cutValue(builder, inRows, 3, { start: left, step: 1, length: columns })];
};

export const experimentalTranslators: Readonly<Record<string, Translate>> = {
  ImageScaler: translateImageScaler,
  Crop: translateCrop,
};
