import { countWindowSteps } from '../../../network/padding.ts';
import { normaliseNeighbours } from '../../graph/local-response.ts';
import { reduceValue, type ValueReduction } from '../../graph/reduce-value.ts';
import { axisOf, integersAt, unsupported, valueAt, type TranslateDef } from '../def-call.ts';
import { checkSteps, imageAt, imageValue, paddingOf, sidesOf } from './images.ts';

const pool =
  (kind: 'maxPool' | 'averagePool'): TranslateDef =>
  (call) => {
    const image = imageAt(call, 0);
    const [size, strides] = [sidesOf(call, 'ksize'), sidesOf(call, 'strides')];
    const window = { size, strides, dilations: [1, 1] } as const;
    const padding = paddingOf(call, [image.height, image.width], window);
    const steps = countWindowSteps([image.height, image.width], window, padding);
    checkSteps(call, steps, image, window);
    const shape = [...steps, image.channels];
    const node = call.builder.emit({ kind, size, strides, padding }, [image.node], shape);
    return [imageValue(call, node)];
  };

/** Reduces a value over the axes that a constant names. */
const reduce =
  (reduction: ValueReduction): TranslateDef =>
  (call) => {
    const value = valueAt(call, 0);
    const axes = integersAt(call, 1, 'axes').map((axis) => axisOf(call, axis, value.shape.length));
    if (value.batch !== null && axes.includes(value.batch)) {
      throw unsupported(call, 'reducing the batch axis is not supported');
    }
    const keeps = call.attributes.flag('keep_dims', false);
    return [reduceValue(call.builder, value, reduction, new Set(axes), keeps)];
  };

/** Local response normalisation, whose window reaches `depth_radius` channels to either side. */
const localResponse: TranslateDef = (call) => {
  const { attributes } = call;
  const image = imageAt(call, 0);
  const radius = attributes.integer('depth_radius', 5);
  const node = normaliseNeighbours(call.builder, image.node, {
    before: radius,
    after: radius,
    bias: attributes.float('bias', 1),
    factor: attributes.float('alpha', 1),
    exponent: attributes.float('beta', 0.5),
  });
  return [imageValue(call, node)];
};

export const poolingOps: Readonly<Record<string, TranslateDef>> = {
  MaxPool: pool('maxPool'),
  AvgPool: pool('averagePool'),
  Mean: reduce('mean'),
  Max: reduce('max'),
  Min: reduce('min'),
  Sum: reduce('sum'),
  LRN: localResponse,
};
