import { countElements, reshaped } from '../../../base/nd-array.ts';
import { scalar, type Lowering, type LoweringContext } from './lowering.ts';

/**
 * ONNX's own operator, which normalises the last axes. ONNX Runtime computes it in one pass, and for values
 * around 100 its error is five times smaller than that of the formula written out.
 */
export const lowerLayerNorm: Lowering<'layerNorm'> = (context) => {
  const { writer, inputs, op, node } = context;
  const size = node.shape.at(-1) ?? 1;
  const gamma = context.hasWeight('gamma')
    ? vector(context, 'gamma')
    : writer.once(`1 x ${size}`, () => writer.floats(new Float32Array(size).fill(1), [size]));
  const beta = context.hasWeight('beta') ? [vector(context, 'beta')] : [];
  return writer.add('LayerNormalization', [inputs[0]!, gamma, ...beta], {
    axis: -1,
    epsilon: { float: op.epsilon },
  });
};

export const lowerLayerNormGradient: Lowering<'layerNormGradient'> = (context) => {
  const { writer, inputs, op } = context;
  const [upstream, x] = inputs as [string, string];
  const { normalised, scale } = normalise(context, x, op.epsilon);
  const g = context.hasWeight('gamma')
    ? writer.add('Mul', [upstream, vector(context, 'gamma')])
    : upstream;
  const share = mean(context, writer.add('Mul', [g, normalised]));
  const along = writer.add('Mul', [normalised, share]);
  const centred = writer.add('Sub', [g, mean(context, g)]);
  return writer.add('Mul', [writer.add('Sub', [centred, along]), scale]);
};

type Context = Pick<LoweringContext, 'writer' | 'node' | 'weight' | 'axis' | 'overLast'>;

function normalise(
  context: Context,
  x: string,
  epsilon: number,
): { normalised: string; scale: string } {
  const { writer } = context;
  const centred = writer.add('Sub', [x, mean(context, x)]);
  const variance = mean(context, writer.add('Mul', [centred, centred]));
  const sum = writer.add('Add', [variance, scalar(writer, epsilon)]);
  const scale = writer.add('Reciprocal', [writer.add('Sqrt', [sum])]);
  return { normalised: writer.add('Mul', [centred, scale]), scale };
}

function mean({ writer, node, axis }: Context, x: string): string {
  const last = writer.integers([axis(node.shape.length - 1)]);
  const sum = writer.add('ReduceSum', [x, last], { keepdims: 1 });
  return writer.add('Mul', [sum, scalar(writer, 1 / node.shape.at(-1)!)]);
}

/** A weight over the last axis, in a shape that broadcasts over all other axes. */
function vector({ writer, weight, overLast }: Context, role: string): string {
  const { name, array } = weight(role);
  const shape = overLast(countElements(array.shape));
  return writer.once(`${name} as ${shape.join()}`, () => writer.weights(reshaped(array, shape)));
}
