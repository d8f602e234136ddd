import { emitWithActivation } from './activation.ts';
import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';

/**
 * `EinsumDense` where it is a dense layer: the last axis by a kernel of two axes, as `ab,bc->ac` or
 * `...x,xy->...y` say.
 */
export function readEinsumDense(call: LayerCall): Value {
  const { attributes } = call;
  const input = onlyInput(call);
  const equation = attributes.text('equation').replaceAll(' ', '');
  const [, before = '', taken, kernelIn, kernelOut, after, made] =
    /^(.*)(\w),(\w)(\w)->(.*)(\w)$/.exec(equation) ?? [];
  const isDense =
    taken !== undefined &&
    taken === kernelIn &&
    before === after &&
    kernelOut === made &&
    taken !== made;
  if (!isDense) {
    return attributes.refuse(
      'equation',
      'one that multiplies the last axis by a kernel of two axes, as "abc,cd->abd"; products over several axes are not known here',
    );
  }
  const size = input.shape.at(-1)!;
  const given = attributes.raw('output_shape');
  const units: unknown = Array.isArray(given) ? (given as unknown[]).at(-1) : given;
  if (typeof units !== 'number')
    return attributes.refuse('output_shape', 'a known number of units');
  const weights: Record<string, string> = { kernel: call.weight('kernel', [size, units]) };
  const axes = attributes.raw('bias_axes');
  if (axes !== undefined && axes !== '') {
    if (axes !== made) attributes.refuse('bias_axes', `"${made}", the units`);
    weights['bias'] = call.weight('bias', [units]);
  }
  const shape = [...input.shape.slice(0, -1), units];
  return emitWithActivation(call, { kind: 'dense' }, [input], shape, weights);
}
