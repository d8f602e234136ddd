import { countElements, type NdArray } from '../../base/nd-array.ts';
import type { Weights } from '../../engines/port/engine.ts';
import type { GraphNode } from '../../network/network.ts';

type NodeIndex = ReadonlyMap<string, GraphNode>;

const adding: ReadonlySet<string> = new Set(['add', 'subtract', 'concatenate']);

/** The constants among a node's inputs that the node adds to, subtracts from or joins to its other inputs. */
export function listAddedConstants({ op, inputs }: GraphNode, nodes: NodeIndex): GraphNode[] {
  if (!adding.has(op.kind)) return [];
  return inputs.map((name) => nodes.get(name)!).filter((input) => input.op.kind === 'constant');
}

/**
 * The contribution of these constants to the node's value, in the node's shape. Such constants are position
 * tables, class tokens, and biases that are separate nodes.
 */
export function addedConstants(node: GraphNode, nodes: NodeIndex, weights: Weights): Float64Array {
  const { op, shape } = node;
  const sum = new Float64Array(countElements(shape));
  let start = 0;
  for (const [index, name] of node.inputs.entries()) {
    const input = nodes.get(name)!;
    const along = op.kind === 'concatenate' ? { axis: op.axis, start } : null;
    if (op.kind === 'concatenate') start += input.shape[op.axis]!;
    if (input.op.kind !== 'constant') continue;
    const sign = op.kind === 'subtract' && index > 0 ? -1 : 1;
    const { data } = weights.get(input.weights['value']!)!;
    addTo(sum, shape, { shape: input.shape, data: data.map((value) => sign * value) }, along);
  }
  return sum;
}

/**
 * Adds a value to a sum. Axes of size 1 are repeated, except where `along` states the value's place along an
 * axis.
 */
function addTo(
  sum: Float64Array,
  shape: readonly number[],
  { shape: own, data }: NdArray,
  along: { readonly axis: number; readonly start: number } | null,
): void {
  for (let i = 0; i < sum.length; i++) {
    let rest = i;
    let place = 0;
    let step = 1;
    let isInside = true;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const at = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
      const size = own[axis - shape.length + own.length] ?? 1;
      const moved = along?.axis === axis ? at - along.start : size === 1 ? 0 : at;
      isInside &&= moved >= 0 && moved < size;
      place += moved * step;
      step *= size;
    }
    if (isInside) sum[i]! += data[place]!;
  }
}
