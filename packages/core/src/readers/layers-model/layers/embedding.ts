import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';
import { differs } from './logic.ts';
import { createTerms } from './terms.ts';

/**
 * `Embedding`: the row of a table for each index. With `mask_zero`, index 0 stands for a step that does not
 * count.
 */
export function readEmbedding(call: LayerCall): Value {
  const { attributes } = call;
  const input = onlyInput(call);
  const [rows, features] = [attributes.number('input_dim'), attributes.number('output_dim')];
  // These act in training, or repeat what the input says.
  for (const name of ['initializer', 'regularizer', 'constraint']) {
    attributes.raw(`embeddings_${name}`);
  }
  attributes.raw('batch_size');
  const weights = { table: call.weight('embeddings', [rows, features]) };
  const op = { kind: 'lookUp', rows } as const;
  const shape = [...input.shape, features];
  if (!attributes.flag('mask_zero', false)) {
    return call.emit(op, [input], shape, { weights });
  }
  const terms = createTerms(call);
  const ids = terms.of(input);
  const mask = differs(terms, ids, terms.affine(ids, [0], [0])).write('step');
  return { ...call.emit(op, [input], shape, { weights }), mask: mask.node };
}

/**
 * `Masking`: a step of which all features have the value does not count. Its features become zero, as in
 * Keras.
 */
export function readMasking(call: LayerCall): Value {
  const input = onlyInput(call);
  const [steps] = input.shape;
  if (input.shape.length !== 2) {
    return call.attributes.refuse('inbound_nodes', 'a sequence [steps, features] as input');
  }
  const terms = createTerms(call);
  const x = terms.of(input);
  const value = call.attributes.number('mask_value', 0);
  const each = differs(terms, x, terms.affine(x, [0], [value]));
  const counts = terms.apply({ kind: 'maxTo' }, [each], [steps!, 1]);
  const mask = terms.reshape(counts, [steps!]).write('step');
  return { ...terms.multiply(x, counts).write('output'), mask: mask.node };
}
