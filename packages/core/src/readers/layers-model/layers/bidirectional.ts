import { readLayerAttributes } from '../layer-attributes.ts';
import type { LayerCall, Value } from './layer-reader.ts';
import { finish, unroll, type Unrolled } from './recurrent.ts';
import { cellNames, countSteps } from './find-cells.ts';
import { createTerms, type Term, type Terms } from './terms.ts';

interface SavedLayer {
  readonly class_name?: unknown;
  readonly config?: Readonly<Record<string, unknown>>;
}

/**
 * `Bidirectional`: a recurrent layer reads the steps forwards and another one backwards. Files up to Keras 2
 * state the second one only where it is not the first one turned round.
 */
export function readBidirectional(call: LayerCall): readonly Value[] {
  const { attributes } = call;
  call.argument('initial_state');
  const forward = attributes.raw('layer') as SavedLayer;
  const stated = attributes.raw('backward_layer') as SavedLayer | undefined;
  const backward = stated ?? turnRound(forward);
  const merge = attributes.raw('merge_mode') ?? null;
  const [sequence, ...states] = call.inputs;
  const half = states.length / 2;
  const own = cellsOfDirections(call);
  const terms = createTerms(call);
  const read = (layer: SavedLayer, part: 0 | 1): Unrolled => {
    const className = String(layer.class_name);
    const name = `${call.name}, ${part === 0 ? 'forwards' : 'backwards'} (${className})`;
    const inner = readLayerAttributes(name, layer.config ?? {});
    const given = part === 0 ? states.slice(0, half) : states.slice(half);
    const direction = { ...call, className, attributes: inner };
    const made = unroll(direction, [sequence!, ...given], terms, own[part]);
    inner.finish();
    return made;
  };
  const [one, other] = [read(forward, 0), read(backward, 1)];
  const turned = one.isSequence ? reverse(terms, other.outputs) : other.outputs;
  const outputs = mergeOutputs(call, terms, merge, one.outputs, turned);
  const { mask } = one;
  const values = finish([...outputs, ...one.states, ...other.states], mask);
  if (merge !== null || mask === undefined) return values;
  // Both directions are outputs, and `finish` marks the first output only.
  return values.map((value, i) => (i === 1 ? { ...value, mask } : value));
}

/**
 * The names of the cells of both directions. All programs begin them with `forward_` and `backward_`; the
 * shapes of the weights would not tell the directions apart.
 */
function cellsOfDirections(
  call: LayerCall,
): readonly [forward: readonly string[], backward: readonly string[]] {
  const cells = cellNames(call.weightSuffixes());
  const [forward, backward] = (['forward_', 'backward_'] as const).map((direction) =>
    cells.filter((name) => name.startsWith(direction)),
  ) as [string[], string[]];
  if (forward.length + backward.length === cells.length) return [forward, backward];
  call.note(
    'the first half of its weights is taken for the forward direction, the other half for the other',
  );
  return [cells.slice(0, cells.length / 2), cells.slice(cells.length / 2)];
}

/** How many steps of cells the layer is written as; null for one that only a library can compute. */
export function countStepsBothWays(
  config: Readonly<Record<string, unknown>>,
  steps: number,
): number | null {
  const counts = [config['layer'], config['backward_layer'] ?? config['layer']].map((one) => {
    const { class_name: className, config: inner = {} } = (one ?? {}) as SavedLayer;
    return typeof className === 'string' ? countSteps(className, inner, steps) : null;
  });
  return counts.reduce<number | null>((sum, n) => (sum === null || n === null ? null : sum + n), 0);
}

function turnRound({ class_name, config = {} }: SavedLayer): SavedLayer {
  return { class_name, config: { ...config, go_backwards: config['go_backwards'] !== true } };
}

function reverse(terms: Terms, x: Term): Term {
  const start = x.shape[0]! - 1;
  return terms.apply({ kind: 'stride', axis: 0, start, step: -1 }, [x], x.shape);
}

function mergeOutputs(
  { attributes }: LayerCall,
  terms: Terms,
  merge: unknown,
  a: Term,
  b: Term,
): readonly Term[] {
  switch (merge) {
    case null:
      return [a, b];
    case 'concat':
      return [terms.concatenate([a, b], a.shape.length - 1)];
    case 'sum':
      return [terms.add(a, b)];
    case 'mul':
      return [terms.multiply(a, b)];
    case 'ave':
      return [terms.affine(terms.add(a, b), [0.5], [0])];
    default:
      return attributes.refuse('merge_mode', '"concat", "sum", "mul", "ave" or null');
  }
}
