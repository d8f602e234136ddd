import type { LayerCall, Value } from './layer-reader.ts';
import { createTerms, type Term, type Terms } from './terms.ts';

/**
 * `Attention` of Keras (Luong's): the values, weighted by how similar each query is to each key. The keys
 * default to the values.
 */
export function readAttention(call: LayerCall): Value {
  const { attributes } = call;
  const { query, key, value } = readInputs(call);
  const terms = createTerms(call);
  const mode = attributes.text('score_mode', 'dot');
  const usesScale = attributes.flag('use_scale', false);
  const byScale = (x: Term): Term => (usesScale ? scaleBy(call, terms, x, 'scale', []) : x);
  if (mode === 'dot') {
    const scores = byScale(product(terms, terms.of(query), terms.of(key), true));
    return weigh(terms, scores, terms.of(value)).write('output');
  }
  if (mode !== 'concat') return attributes.refuse('score_mode', "'dot' or 'concat'");
  const sums = terms.fn(byScale(addPairs(terms, query, key)), { name: 'tanh' });
  const scores = scaleBy(call, terms, sumLast(terms, sums), 'concat_score_weight', []);
  return weigh(terms, scores, terms.of(value)).write('output');
}

/** `AdditiveAttention` (Bahdanau's): the score is the sum over the features of the tanh of query plus key. */
export function readAdditiveAttention(call: LayerCall): Value {
  // The class inherits this attribute and does not use it.
  call.attributes.raw('score_mode');
  const { query, key, value } = readInputs(call);
  const terms = createTerms(call);
  const features = query.shape.at(-1)!;
  const sums = terms.fn(addPairs(terms, query, key), { name: 'tanh' });
  const scaled = call.attributes.flag('use_scale', true)
    ? scaleBy(call, terms, sums, 'scale', [features])
    : sums;
  return weigh(terms, sumLast(terms, scaled), terms.of(value)).write('output');
}

/** Reads query, value and key of a layer that takes them as one list, each of shape [tokens, features]. */
function readInputs(call: LayerCall): { query: Value; key: Value; value: Value } {
  refuseMasks(call);
  call.attributes.raw('dropout');
  const [query, value, key = value] = call.inputs;
  const isList = call.inputs.every(({ shape }) => shape.length === 2);
  if (query === undefined || value === undefined || key === undefined || !isList) {
    return call.attributes.refuse('inbound_nodes', 'a query and a value of [tokens, features]');
  }
  return { query, key, value };
}

/**
 * Refuses calls that need masks or a second output.
 *
 * @throws GradcamError `unsupported` for a call whose result depends on a mask, or that has a second
 * output.
 */
export function refuseMasks(call: LayerCall): void {
  if (call.inputs.some(({ mask }) => mask !== undefined)) {
    call.attributes.refuse('inbound_nodes', 'inputs without a mask over their steps');
  }
  for (const name of ['attention_mask', 'use_causal_mask', 'return_attention_scores']) {
    const given = call.argument(name);
    const isNone =
      given === undefined ||
      (given.kind === 'constant' && (given.value === null || given.value === false));
    if (!isNone) call.refuseCall(name, 'which is not supported');
  }
}

/**
 * The matrix product of a and b, or of a and b transposed (`transposeB`). Leading axes of size 1 are
 * broadcast.
 */
export function product(terms: Terms, a: Term, b: Term, transposeB: boolean): Term {
  const leading = a.shape.slice(0, -2).map((size, axis) => Math.max(size, b.shape[axis]!));
  const shape = [...leading, a.shape.at(-2)!, b.shape.at(transposeB ? -2 : -1)!];
  return terms.apply({ kind: 'matMul', transposeA: false, transposeB }, [a, b], shape);
}

/** The values, weighted by the softmax of the scores. */
export function weigh(terms: Terms, scores: Term, values: Term): Term {
  return product(terms, terms.apply({ kind: 'softmax' }, [scores]), values, false);
}

/** Adds each key to each query: [queries, keys, features]. */
function addPairs(terms: Terms, query: Value, key: Value): Term {
  const [queries, features] = query.shape as readonly [number, number];
  const [keys] = key.shape as readonly [number];
  const rows = terms.reshape(terms.of(query), [queries, 1, features]);
  const columns = terms.reshape(terms.of(key), [1, keys, features]);
  return terms.add(rows, columns);
}

function sumLast(terms: Terms, x: Term): Term {
  const last = x.shape.length - 1;
  return terms.reshape(terms.sum(x, [last]), x.shape.slice(0, -1));
}

function scaleBy(
  call: LayerCall,
  terms: Terms,
  x: Term,
  weight: string,
  shape: readonly number[],
): Term {
  const weights = { scale: call.weight(weight, shape) };
  return terms.apply({ kind: 'channelScale' }, [x], x.shape, { weights });
}
