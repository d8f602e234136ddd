import { readCallArguments, type ReadArguments } from './call-arguments.ts';
import { checkDtype } from './check-dtype.ts';
import { findReader } from './find-reader.ts';
import type { LayerRecord } from './keras-topology.ts';
import { readLayerAttributes } from './layer-attributes.ts';
import type { CallArguments } from './layer-calls.ts';
import type { LayerCall, Value } from './layers/layer-reader.ts';
import { nameOperator } from './layers/operator-names.ts';
import { maskOfKnownLayer } from './masks.ts';
import { readForeignLayer } from './read-foreign-layer.ts';
import { emitNode, nodeName, withoutCalls, type Reading } from './reading.ts';
import { readOperator } from './read-operator.ts';

/** The arguments of a call, as they are written and to be read. */
export function readGiven(
  layer: LayerRecord,
  callIndex: number,
  name: string,
  reading: Reading,
): { given: CallArguments; callArguments: ReadArguments } {
  const given = layer.callArguments[callIndex] ?? { args: [], kwargs: {} };
  const where = `${name} (${layer.className})`;
  return { given, callArguments: readCallArguments(where, given, reading.writer) };
}

/**
 * Reads one call of a layer that is no model.
 *
 * @param name the layer's name with the names of the models around it and the number of the call.
 */
export function readCall(
  layer: LayerRecord,
  callIndex: number,
  name: string,
  inputs: readonly Value[],
  reading: Reading,
): readonly Value[] {
  const { given, callArguments } = readGiven(layer, callIndex, name, reading);
  const operator = nameOperator(layer, given);
  // An operator such as a cast may have a dtype among its arguments.
  if (operator === null) checkDtype(`${name} (${layer.className})`, layer.config['dtype']);
  const found = findReader(layer, inputs, reading.writer);
  if (operator === null && found === undefined) {
    return readForeignLayer(layer, name, inputs, reading);
  }
  if (operator === null) reading.count(found!.steps, []);
  const attributes = readLayerAttributes(`${name} (${layer.className})`, layer.config);
  const owner = { path: withoutCalls(name), name: layer.name };
  const call: LayerCall = {
    ...callArguments,
    name,
    attributes,
    inputs,
    writer: reading.writer,
    config: layer.config,
    emit: (op, sources, shape, options) =>
      emitNode(reading, {
        name: nodeName(name, options?.part),
        op,
        inputs: sources,
        shape,
        options,
      }),
    weight: (suffix, shape) => reading.weights.claim(owner, suffix, shape),
    weightSuffixes: () => reading.weights.suffixes(owner),
    hasWeight: (suffix) => reading.weights.has(owner, suffix),
    note: (text) => reading.notes.push(`${name}: ${text}`),
  };
  const made =
    operator === null ? found!.reader(call) : readOperator(layer, callIndex, operator, call);
  attributes.finish();
  if (operator === null) callArguments.finish();
  const join = (kind: 'maximum' | 'multiply', masks: readonly string[]): string => {
    const values = masks.map((node) => ({ node, shape: reading.nodes.get(node)!.shape }));
    return values.reduce((one, other, i) =>
      emitNode(reading, {
        name: `${name}/mask${i > 1 ? ` ${i}` : ''}`,
        op: { kind },
        inputs: [one, other],
        shape: one.shape,
      }),
    ).node;
  };
  const [first, ...others] = Array.isArray(made) ? (made as readonly Value[]) : [made as Value];
  const mask = maskOfKnownLayer(layer, inputs, reading.writer, join);
  return [mask === undefined ? first! : { ...first!, mask }, ...others];
}
