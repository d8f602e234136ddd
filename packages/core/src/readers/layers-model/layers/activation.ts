import type { Op } from '../../../network/op.ts';
import { isActivationOp } from '../../../network/taps.ts';
import { readLayerAttributes } from '../layer-attributes.ts';
import { overAxes, readAxes } from './axes.ts';
import { activationNames, clip, findActivation, type Activation } from './activation-functions.ts';
import { onlyInput, type EmitOptions, type LayerCall, type Value } from './layer-reader.ts';
import { createTerms } from './terms.ts';

/** `Activation`, whose function is an attribute. */
export function readActivation(call: LayerCall): Value {
  return applyActivation(call, readFunction(call), onlyInput(call));
}

/** `ReLU` with its three attributes. */
export function readRelu(call: LayerCall): Value {
  return applyActivation(call, reluOf(call), onlyInput(call), { isReluLayer: true });
}

/**
 * With a threshold, the result is x above the threshold; at and below it, only the slope counts, and it
 * begins there. With a cap, the leaky part is not capped. `ReLU` of Keras 3 and `relu` of Keras 2 compute
 * it in this way.
 */
function reluOf({ attributes }: Pick<LayerCall, 'attributes'>): Activation {
  const max = attributes.raw('max_value') === undefined ? null : attributes.number('max_value');
  const slope = attributes.number('negative_slope', 0);
  const threshold = attributes.number('threshold', 0);
  if (threshold === 0) return (x, terms) => terms.relu(x, { max, slope });
  return (x, terms) => {
    const above = terms.multiply(x, terms.above(x, threshold));
    const positive = max === null ? above : clip(above, 0, max, terms);
    if (slope === 0) return positive;
    const below = terms.relu(terms.affine(x, [-1], [threshold]));
    return terms.add(positive, terms.affine(below, [-slope], [0]));
  };
}

/** `ThresholdedReLU` of Keras 2 and tfjs: x above theta, else 0. */
export function readThresholdedRelu(call: LayerCall): Value {
  return applyActivation(call, thresholdedReluOf(call), onlyInput(call));
}

function thresholdedReluOf({ attributes }: Pick<LayerCall, 'attributes'>): Activation {
  const theta = attributes.number('theta', 1);
  return (x, terms) => terms.multiply(x, terms.above(x, theta));
}

/** `LeakyReLU`. Its slope is called `alpha` up to Keras 2, and its default is 0.3 in both versions. */
export function readLeakyRelu(call: LayerCall): Value {
  return applyActivation(call, leakyReluOf(call), onlyInput(call));
}

function leakyReluOf({ attributes }: Pick<LayerCall, 'attributes'>): Activation {
  const slope = attributes.number('negative_slope', attributes.number('alpha', 0.3));
  return (x, terms) => terms.relu(x, { slope });
}

/**
 * `PReLU`. All positions along the axes in `shared_axes` (1 is the first axis after the batch) share one
 * slope.
 */
export function readPrelu(call: LayerCall): Value {
  const input = onlyInput(call);
  const shared = call.attributes.raw('shared_axes') ?? [];
  if (!Array.isArray(shared) || !shared.every((axis) => Number.isInteger(axis))) {
    return call.attributes.refuse('shared_axes', 'a list of axes');
  }
  const shape = input.shape.map((size, axis) => (shared.includes(axis + 1) ? 1 : size));
  const weights = { alpha: call.weight('alpha', shape) };
  return call.emit({ kind: 'prelu' }, [input], input.shape, { weights });
}

/** `ELU` */
export function readElu(call: LayerCall): Value {
  return applyActivation(call, eluOf(call), onlyInput(call));
}

function eluOf({ attributes }: Pick<LayerCall, 'attributes'>): Activation {
  const alpha = attributes.number('alpha', 1);
  return (x, terms) => terms.fn(x, { name: 'elu', alpha });
}

/** `Softmax` over one axis, or over several axes that are treated as one. */
export function readSoftmax(call: LayerCall): Value {
  // The attribute says how a mask is treated, and no softmax that is read here has a mask.
  call.attributes.raw('robust_masking');
  const terms = createTerms(call);
  return overAxes(terms, terms.of(onlyInput(call)), readAxes(call), (x) =>
    terms.apply({ kind: 'softmax' }, [x]),
  ).write('output');
}

/**
 * Activation layers that can be the `activation` of another layer, in the form in which Keras saves them
 * there.
 */
const layerObjects: Readonly<Record<string, (call: Pick<LayerCall, 'attributes'>) => Activation>> =
  {
    ELU: eluOf,
    LeakyReLU: leakyReluOf,
    ReLU: reluOf,
    ThresholdedReLU: thresholdedReluOf,
  };

/**
 * Reads the function that an attribute of a layer names: a text, Keras 3's `{class_name: 'function', config:
 * name}`, or an activation layer.
 *
 * @param attribute default `activation`.
 * @param fallback the name of the function where the attribute is absent; default the identity.
 * @throws GradcamError `unsupported` for a function that is not supported.
 */
export function readFunction(
  call: Pick<LayerCall, 'attributes' | 'name' | 'writer'>,
  attribute = 'activation',
  fallback?: string,
): Activation {
  const given = call.attributes.raw(attribute) ?? fallback;
  if (given === undefined) return (x) => x;
  const { class_name: className, config } = (
    typeof given === 'object' ? given : { class_name: 'function', config: given }
  ) as { class_name?: unknown; config?: unknown };
  if (typeof className === 'string' && Object.hasOwn(layerObjects, className)) {
    const own = (config ?? {}) as Record<string, unknown>;
    const attributes = readLayerAttributes(`${call.name}, ${attribute} (${className})`, own);
    const found = layerObjects[className]!({ attributes });
    attributes.finish();
    return found;
  }
  const name = typeof config === 'string' ? config : className;
  const found = typeof name === 'string' ? findActivation(name, call.writer) : null;
  return found ?? call.attributes.refuse(attribute, `one of ${activationNames.join(', ')}`);
}

function applyActivation(
  call: LayerCall,
  activation: Activation,
  input: Value,
  marks: Pick<EmitOptions, 'isReluLayer'> = {},
): Value {
  const terms = createTerms({
    emit: (op, inputs, shape, options) =>
      call.emit(
        op,
        inputs,
        shape,
        options?.part === undefined ? { ...markActivation(op), ...marks } : options,
      ),
  });
  return activation(terms.of(input), terms).write('output');
}

/**
 * Marks the last step of an activation, whichever op that step is. An op that is always an activation needs
 * no mark. A softmax gets none, because `auto` does not choose it.
 */
function markActivation(op: Op): { readonly isActivation?: true } {
  return isActivationOp(op) || op.kind === 'softmax' ? {} : { isActivation: true };
}

/**
 * Emits the linear part of a layer and then its fused activation. The activation has the layer's name,
 * because its value is the layer's output; the linear part is called `<layer>/linear`.
 */
export function emitWithActivation(
  call: LayerCall,
  op: Op,
  inputs: readonly Value[],
  shape: readonly number[],
  weights: Readonly<Record<string, string>>,
): Value {
  const activation = readFunction(call);
  const isLinear = findActivation('linear', call.writer) === activation;
  if (isLinear || call.attributes.raw('activation') === undefined) {
    return call.emit(op, inputs, shape, { weights });
  }
  return applyActivation(
    call,
    activation,
    call.emit(op, inputs, shape, { weights, part: 'linear' }),
  );
}
