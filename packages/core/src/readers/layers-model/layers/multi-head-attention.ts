import { product, refuseMasks, weigh } from './attention.ts';
import type { LayerCall, Value } from './layer-reader.ts';
import { createTerms, type Term, type Terms } from './terms.ts';

/** The number of heads of queries, the number of heads of keys and values, and the features of each head. */
interface Heads {
  readonly queries: number;
  readonly keys: number;
  readonly features: number;
  readonly valueFeatures: number;
  /** The number of output features; null for the same number as the query has. */
  readonly out: number | null;
}

/**
 * `MultiHeadAttention`: query, key and value each go through a dense layer into heads, attention is
 * computed in each head separately, and another dense layer joins the heads. The cells of a picture are its
 * tokens.
 */
export function readMultiHeadAttention(call: LayerCall): Value {
  const { attributes } = call;
  const heads = attributes.number('num_heads');
  const features = attributes.number('key_dim');
  const valueFeatures = attributes.number('value_dim', features);
  const axes = attributes.raw('attention_axes');
  const all = call.inputs[0]?.shape.slice(0, -1).map((_, axis) => axis + 1);
  const list: unknown = typeof axes === 'number' ? [axes] : axes;
  if (list !== undefined && JSON.stringify(list) !== JSON.stringify(all)) {
    attributes.refuse('attention_axes', `null or ${JSON.stringify(all)}, all axes of the tokens`);
  }
  const given = attributes.raw('output_shape');
  const out: unknown = Array.isArray(given) && given.length === 1 ? given[0] : given;
  if (out !== undefined && !Number.isInteger(out)) attributes.refuse('output_shape', 'one number');
  // These attributes state the shapes for which the layer was built, and how a mask would be treated.
  for (const name of ['query_shape', 'key_shape', 'value_shape', 'softmax_robust_masking']) {
    attributes.raw(name);
  }
  return readHeads(call, {
    queries: heads,
    keys: heads,
    features,
    valueFeatures,
    out: (out as number | undefined) ?? null,
  });
}

/** `GroupQueryAttention`: several heads of queries share one head of keys and values. */
export function readGroupQueryAttention(call: LayerCall): Value {
  const { attributes } = call;
  const queries = attributes.number('num_query_heads');
  const keys = attributes.number('num_key_value_heads');
  if (!Number.isInteger(queries / keys)) {
    attributes.refuse('num_key_value_heads', `a divisor of ${queries} heads`);
  }
  const features = attributes.number('head_dim');
  return readHeads(call, { queries, keys, features, valueFeatures: features, out: null });
}

function readHeads(call: LayerCall, heads: Heads): Value {
  const { attributes } = call;
  refuseMasks(call);
  for (const name of ['dropout', 'flash_attention']) attributes.raw(name);
  if (attributes.raw('sliding_window') !== undefined) attributes.refuse('sliding_window', 'null');
  if (attributes.flag('use_gate', false)) attributes.refuse('use_gate', 'false');
  const hasBias = attributes.flag('use_bias', true);
  const [query, value, key] = readArguments(call);
  const terms = createTerms(call);

  /** Applies the dense layer `name`: [heads, tokens, features]. */
  const project = (name: string, of: Value, count: number, features: number): Term => {
    const size = of.shape.at(-1)!;
    const tokens = of.shape.slice(0, -1).reduce((total, n) => total * n, 1);
    const weights: Record<string, string> = {
      kernel: call.weight(`${name}/kernel`, [size, count, features]),
    };
    if (hasBias) weights['bias'] = call.weight(`${name}/bias`, [count, features]);
    const rows = of.shape.length === 2 ? terms.of(of) : terms.reshape(terms.of(of), [tokens, size]);
    const dense = terms.apply({ kind: 'dense' }, [rows], [tokens, count * features], { weights });
    return exchange(terms, terms.reshape(dense, [tokens, count, features]));
  };
  const { queries, keys, features, valueFeatures } = heads;
  const q = terms.affine(project('query', query, queries, features), [features ** -0.5], [0]);
  const k = project('key', key, keys, features);
  const v = project('value', value, keys, valueFeatures);
  const seen = attend(terms, q, k, v);

  const tokens = seen.shape[1]!;
  const joined = terms.reshape(exchange(terms, seen), [tokens, queries * valueFeatures]);
  const out = heads.out ?? query.shape.at(-1)!;
  const weights: Record<string, string> = {
    kernel: call.weight('attention_output/kernel', [queries, valueFeatures, out]),
  };
  if (hasBias) weights['bias'] = call.weight('attention_output/bias', [out]);
  const made = terms.apply({ kind: 'dense' }, [joined], [tokens, out], { weights });
  const shape = [...query.shape.slice(0, -1), out];
  return (query.shape.length === 2 ? made : terms.reshape(made, shape)).write('output');
}

/**
 * Attention in each head: [heads, tokens, features]. If there are fewer heads of keys, neighbouring heads
 * of queries share one.
 */
function attend(terms: Terms, q: Term, k: Term, v: Term): Term {
  const [heads, tokens, features] = q.shape as readonly [number, number, number];
  const [groups, keys] = k.shape as readonly [number, number];
  const wanted = v.shape[2]!;
  if (groups === heads) return weigh(terms, product(terms, q, k, true), v);
  const byGroup = terms.reshape(q, [groups, heads / groups, tokens, features]);
  const scores = product(terms, byGroup, terms.reshape(k, [groups, 1, keys, features]), true);
  const seen = weigh(terms, scores, terms.reshape(v, [groups, 1, keys, wanted]));
  return terms.reshape(seen, [heads, tokens, wanted]);
}

/** Swaps the first two axes. */
function exchange(terms: Terms, x: Term): Term {
  const [a, b, c] = x.shape as readonly [number, number, number];
  return terms.apply({ kind: 'permute', dims: [1, 0, 2] }, [x], [b, a, c]);
}

/** Reads query, value and key, in that order or by their names. The keys default to the values. */
function readArguments(call: LayerCall): readonly [query: Value, value: Value, key: Value] {
  const [query, value, key] = ['query', 'value', 'key'].map((name, place) => {
    const given = call.argument(name) ?? call.argument(place);
    return given?.kind === 'value' ? call.inputs[given.place] : undefined;
  });
  const isTokens = (one: Value | undefined): one is Value =>
    one !== undefined && one.shape.length >= 2;
  if (isTokens(query) && isTokens(value) && (key === undefined || isTokens(key))) {
    return [query, value, key ?? value];
  }
  return call.attributes.refuse('inbound_nodes', 'a query and a value of [tokens, features]');
}
