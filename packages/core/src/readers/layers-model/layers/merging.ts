import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';

/** `Add` of two or more values. */
export function readAdd(call: LayerCall): Value {
  const { inputs, shape } = joinInputs(call);
  return call.emit({ kind: 'add' }, inputs, shape);
}

/** `Multiply`, element by element. */
export function readMultiply(call: LayerCall): Value {
  const { inputs, shape } = joinInputs(call);
  return call.emit({ kind: 'multiply' }, inputs, shape);
}

/** `Subtract`: the first value minus the second. */
export function readSubtract(call: LayerCall): Value {
  const { inputs, shape } = joinInputs(call);
  if (inputs.length !== 2) call.attributes.refuse('inbound_nodes', 'two inputs');
  return call.emit({ kind: 'subtract' }, inputs, shape);
}

/** `Average`: the sum, divided by the number of inputs. */
export function readAverage(call: LayerCall): Value {
  const { inputs, shape } = joinInputs(call);
  const sum = call.emit({ kind: 'add' }, inputs, shape, { part: 'sum' });
  const affine = { kind: 'affine', scale: [1 / call.inputs.length], offset: [0] } as const;
  return call.emit(affine, [sum], shape);
}

/** `CustomScaleLayer` of Keras's Inception-ResNet: the first input, and `scale` times the second. */
export function readCustomScale(call: LayerCall): Value {
  const { inputs, shape } = joinInputs(call);
  const [first, second] = inputs;
  if (call.inputs.length !== 2) call.attributes.refuse('inbound_nodes', 'two inputs');
  const affine = { kind: 'affine', scale: [call.attributes.number('scale')], offset: [0] } as const;
  const scaled = call.emit(affine, [second!], second!.shape, { part: 'scaled' });
  return call.emit({ kind: 'add' }, [first!, scaled], shape);
}

/** `Maximum`. More than two inputs are combined in pairs. */
export function readMaximum(call: LayerCall): Value {
  return foldPairs(call, 'maximum');
}

/** `Minimum` */
export function readMinimum(call: LayerCall): Value {
  return foldPairs(call, 'minimum');
}

function foldPairs(call: LayerCall, kind: 'maximum' | 'minimum'): Value {
  const { inputs } = joinInputs(call);
  return inputs.reduce((first, second, i) => {
    const shape = repeatAxes(call, [first.shape, second.shape]);
    const part = i === inputs.length - 1 ? {} : { part: `of ${i + 1}` };
    return call.emit({ kind }, [first, second], shape, part);
  });
}

/** `Concatenate` along any axis but the batch's. */
export function readConcatenate(call: LayerCall): Value {
  const [first, ...rest] = call.inputs;
  if (first === undefined || rest.length === 0) {
    return call.attributes.refuse('inbound_nodes', 'at least two inputs');
  }
  const rank = first.shape.length;
  const given = call.attributes.number('axis', -1);
  const axis = given < 0 ? rank + given : given - 1;
  const fits = (shape: readonly number[]): boolean =>
    shape.length === rank && shape.every((size, i) => i === axis || size === first.shape[i]);
  if (first.shape[axis] === undefined || !rest.every(({ shape }) => fits(shape))) {
    call.attributes.refuse('axis', `one along which ${listShapes(call)} can be joined`);
  }
  const total = call.inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const shape = first.shape.map((size, i) => (i === axis ? total : size));
  return call.emit({ kind: 'concatenate', axis }, call.inputs, shape);
}

/** `Dropout` and similar layers, which do nothing at inference. */
export function readPassThrough(call: LayerCall): Value {
  for (const name of ['stddev', 'l1', 'l2', 'drop_path_rate']) call.attributes.raw(name);
  return onlyInput(call);
}

/** `RandomFlip` and similar layers, which change pictures only in training. */
export function readAugmentation(call: LayerCall): Value {
  for (const name of augmentations) call.attributes.raw(name);
  return onlyInput(call);
}

/** Attributes that only have an effect in training. */
const augmentations: readonly string[] = [
  'addition_factor',
  'all_ops',
  'threshold_factor',
  'auto_vectorize',
  'bins',
  'bounding_box_format',
  'chain_depth',
  'max_number',
  'num_chains',
  'alpha',
  'chain_length',
  'factor',
  'fill_mode',
  'fill_value',
  'height_factor',
  'hue_factor',
  'interpolation',
  'brightness_factor',
  'contrast_factor',
  'saturation_factor',
  'kernel_size',
  'mode',
  'num_ops',
  'range',
  'scale',
  'sigma',
  'value_range',
  'width_factor',
  'x_factor',
  'y_factor',
  'zoom_factor',
];

/**
 * The inputs of an element-wise operation, and the shape of its result: axes of size 1 are broadcast. A
 * value with fewer axes gets axes of size 1 before its own, as in the merging layers of Keras and tfjs: [c]
 * is broadcast to [h, w, c].
 */
function joinInputs(call: LayerCall): { inputs: readonly Value[]; shape: number[] } {
  if (call.inputs.length < 2) call.attributes.refuse('inbound_nodes', 'at least two inputs');
  const rank = Math.max(...call.inputs.map(({ shape }) => shape.length));
  const inputs = call.inputs.map((value, i) => {
    const missing = rank - value.shape.length;
    if (missing === 0) return value;
    const shape = [...Array.from({ length: missing }, () => 1), ...value.shape];
    return call.emit({ kind: 'reshape' }, [value], shape, { part: `input ${i + 1}` });
  });
  const shape = repeatAxes(
    call,
    inputs.map((value) => value.shape),
  );
  return { inputs, shape };
}

function repeatAxes(call: LayerCall, shapes: readonly (readonly number[])[]): number[] {
  const joined = [...(shapes[0] ?? [])];
  for (const shape of shapes) {
    shape.forEach((size, axis) => {
      if (joined[axis] === 1) joined[axis] = size;
      else if (size !== 1 && size !== joined[axis]) {
        call.attributes.refuse('inbound_nodes', `inputs of one shape, not ${listShapes(call)}`);
      }
    });
  }
  return joined;
}

function listShapes(call: LayerCall): string {
  return call.inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ');
}
