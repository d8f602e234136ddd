import { lazyConstant, type Constant } from '../../graph/constant.ts';
import { joinConstant } from '../../graph/lines.ts';
import { broadcastShapes } from '../../graph/fold/shapes.ts';
import { arrange, orderWithLast, reshapeValue, transposeValue } from '../../graph/layout.ts';
import { multiplyMatrices } from '../../graph/multiply-matrices.ts';
import { repeatValue } from '../../graph/repeat-value.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import type { NodeValue, Value } from '../../graph/value.ts';
import {
  constantAt,
  contradictory,
  unsupported,
  valueAt,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';

/**
 * `Attention` of opset 23, `softmax(scale * Q Kᵀ + mask) V`. It becomes its two products and the softmax
 * between them, so that the probabilities are a value of the network.
 */
export const translateAttention: Translate = (call) => {
  const { builder, attributes } = call;
  refuseParts(call);
  const isFlat = valueAt(call, 0).shape.length === 3;
  const heads = attributes.integer('q_num_heads', 0);
  const ownHeads = attributes.integer('kv_num_heads', heads);
  const q = splitHeads(call, 0, heads);
  const k = repeatHeads(call, splitHeads(call, 1, ownHeads), q.shape[1]!);
  const v = repeatHeads(call, splitHeads(call, 2, ownHeads), q.shape[1]!);
  const scale = attributes.float('scale', 1 / Math.sqrt(q.shape[3]!));
  const scores = multiply(
    call,
    scalarAffine(builder, q, scale, 0),
    transposeValue(k, [0, 1, 3, 2]),
  );
  const masked = addMask(call, scores);
  const probabilities = softmaxOverLast(call, masked);
  const made = multiply(call, probabilities, v);
  const [items = 1, , queries = 1, depth = 1] = made.shape;
  const joined = [items, queries, made.shape[1]! * depth];
  const turned = transposeValue(made, [0, 2, 1, 3]);
  const result = isFlat ? reshapeValue(builder, turned, joined) : made;
  const mode = attributes.integer('qk_matmul_output_mode', 0);
  const between = [scores, masked, masked, probabilities][mode] ?? scores;
  return resultsOf(call, result, between);
};

function refuseParts(call: OnnxCall): void {
  const { attributes, inputs, outputs } = call;
  attributes.ignore('softmax_precision');
  if (attributes.float('softcap', 0) !== 0) throw unsupported(call, 'its softcap is not supported');
  const isCached = inputs.slice(4).some((input) => input !== null && input !== undefined);
  if (isCached || outputs.slice(1, 3).some((name) => name !== '')) {
    throw unsupported(call, 'keys and values of earlier calls are not supported');
  }
}

/** The result, two outputs that nobody uses, and what stands between the two products. */
function resultsOf({ outputs }: OnnxCall, result: NodeValue, between: NodeValue): readonly Value[] {
  return outputs.length > 3 ? [result, result, result, between] : [result];
}

/** [items, heads, tokens, depth], of [items, tokens, heads * depth] too. */
function splitHeads(call: OnnxCall, index: number, heads: number): NodeValue {
  const value = valueAt(call, index);
  if (value.shape.length === 4) return value;
  const [items = 1, tokens = 1, all = 1] = value.shape;
  if (value.shape.length !== 3 || heads < 1 || all % heads !== 0) {
    throw contradictory(call, `${heads} heads of a value [${value.shape.join(', ')}]`);
  }
  const split = reshapeValue(call.builder, value, [items, tokens, heads, all / heads]);
  return transposeValue(split, [0, 2, 1, 3]);
}

/** Each head of keys and values serves as many heads of queries. */
function repeatHeads(call: OnnxCall, value: NodeValue, heads: number): NodeValue {
  const [items = 1, own = 1, tokens = 1, depth = 1] = value.shape;
  if (own === heads) return value;
  if (heads % own !== 0) throw contradictory(call, `${own} heads of keys for ${heads} of queries`);
  const apart = reshapeValue(call.builder, value, [items, own, 1, tokens, depth]);
  const repeated = repeatValue(call.builder, apart, [items, own, heads / own, tokens, depth]);
  return reshapeValue(call.builder, repeated, [items, heads, tokens, depth]);
}

function multiply(call: OnnxCall, a: NodeValue, b: NodeValue): NodeValue {
  const made = multiplyMatrices(call.builder, a, b);
  if (made !== null) return made;
  const shapes = `[${a.shape.join(', ')}] and [${b.shape.join(', ')}]`;
  throw contradictory(call, `values ${shapes} do not fit each other`);
}

/**
 * What a masked place gets instead of minus infinity: its share is 0 as well, and a row that is masked as a
 * whole gives no NaN.
 */
const MASKED = -1e30;

function addMask(call: OnnxCall, scores: NodeValue): NodeValue {
  const mask = constantAt(call, 3, 'mask');
  const [queries = 1, keys = 1] = scores.shape.slice(2);
  let made = scores;
  if (mask !== null) made = add(call, made, asAddend(mask));
  if (call.attributes.flag('is_causal', false)) {
    const name = `causal mask of ${queries} by ${keys}`;
    const causal = lazyConstant(name, 'float', [queries, keys], () =>
      Float32Array.from({ length: queries * keys }, (_, i) =>
        i % keys > Math.floor(i / keys) ? MASKED : 0,
      ),
    );
    made = add(call, made, causal);
  }
  return made;
}

function add(call: OnnxCall, scores: NodeValue, mask: Constant): NodeValue {
  const fits = broadcastShapes(scores.shape, mask.shape)?.join() === scores.shape.join();
  const made = fits ? joinConstant(call.builder, scores, mask, 'bias') : null;
  if (made !== null) return made;
  const shapes = `[${mask.shape.join(', ')}] for scores [${scores.shape.join(', ')}]`;
  throw contradictory(call, `a mask ${shapes}`);
}

/** A mask of truth values says what is seen; one of numbers is added. */
function asAddend(mask: Constant): Constant {
  const isTruth = mask.element === 'boolean';
  return lazyConstant(`${mask.name} (added)`, 'float', mask.shape, () =>
    Float32Array.from(mask.values(), (value) =>
      isTruth ? (value === 0 ? MASKED : 0) : Math.max(value, MASKED),
    ),
  );
}

function softmaxOverLast({ builder }: OnnxCall, value: NodeValue): NodeValue {
  const last = value.shape.length - 1;
  const order = value.order.at(-1) === last ? value.order : orderWithLast(value, last);
  const node = arrange(builder, value, order);
  const { shape } = builder.nodes.get(node)!;
  return { ...value, order, node: builder.emit({ kind: 'softmax' }, [node], shape) };
}
