import { emitWithActivation } from './activation.ts';
import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';

/** `Dense` on a vector: kernel [in, units]. */
export function readDense(call: LayerCall): Value {
  const input = onlyInput(call);
  const units = call.attributes.number('units');
  const size = input.shape.at(-1);
  if (size === undefined) return call.attributes.refuse('units', 'an input with an axis');
  const kernel = call.weight('kernel', [size, units]);
  const weights: Record<string, string> = { kernel };
  if (call.attributes.flag('use_bias', true)) weights['bias'] = call.weight('bias', [units]);
  const shape = [...input.shape.slice(0, -1), units];
  return emitWithActivation(call, { kind: 'dense' }, [input], shape, weights);
}
