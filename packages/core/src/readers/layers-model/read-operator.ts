import { GradcamError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import type { LayerRecord } from './keras-topology.ts';
import type { Argument } from './layer-calls.ts';
import type { LayerCall, Value } from './layers/layer-reader.ts';
import { readOperatorCall } from './layers/operands.ts';
import type { OperatorName } from './layers/operator-names.ts';
import { operators } from './layers/operators.ts';
import { createTerms } from './layers/terms.ts';

/**
 * Reads one call of an operator, such as `tf.math.add` or `keras.ops.add`, that stands in a model as a layer.
 *
 * @throws GradcamError `unsupported` for an unknown operator or argument.
 */
export function readOperator(
  layer: LayerRecord,
  callIndex: number,
  { name, title }: OperatorName,
  call: LayerCall,
): Value {
  const operator = operators.get(name);
  if (operator === undefined) {
    const known = nearestNames(name, [...operators.keys()], 1)[0];
    throw new GradcamError(
      'unsupported',
      `layer ${call.name} is the operator ${title}, which is not supported${known === undefined ? '' : ` (the nearest supported one is ${known})`}; without it the layers after it cannot be computed`,
    );
  }
  // The function was read from the call, and the constants of TF 2.0 to 2.3 are added to the arguments.
  for (const read of ['function', 'node_def', 'constants']) call.attributes.raw(read);
  const operatorCall = readOperatorCall(
    call,
    withConstants(layer, layer.callArguments[callIndex]!),
    createTerms(call),
    title,
  );
  const output = operator(operatorCall).write('output');
  operatorCall.finish();
  return output;
}

/**
 * Adds the constants of a `TensorFlowOpLayer`, which stand in its configuration by their index among
 * the inputs.
 */
function withConstants(
  { className, config }: LayerRecord,
  given: LayerRecord['callArguments'][number],
): LayerRecord['callArguments'][number] {
  if (className !== 'TensorFlowOpLayer') return given;
  const args: Argument[] = given.args.flatMap((one) => (one.kind === 'list' ? one.items : [one]));
  for (const [place, value] of Object.entries(config['constants'] ?? {})) {
    args.splice(Number(place), 0, { kind: 'constant', value });
  }
  return { ...given, args };
}
