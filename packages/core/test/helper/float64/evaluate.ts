import type { Weights } from '../../../src/engine/engine.ts';
import type { GraphNode, Network } from '../../../src/network/network.ts';
import { at, fill64, type Array64 } from './array64.ts';
import { convolve, convolveDepthwise, pool } from './windows.ts';

/**
 * Evaluates a network on one image in double precision, by the definition of each op.
 *
 * It shares no code with the engines. Finite differences are taken of it: their error is about
 * 1e-10, so they decide what the derivative is.
 *
 * @param given values of nodes, which are then not computed: the inputs, and layers to perturb.
 */
export function evaluateFloat64(
  network: Pick<Network, 'nodes'>,
  weights: Weights,
  given: ReadonlyMap<string, Array64>,
): Map<string, Array64> {
  const values = new Map(given);
  for (const node of network.nodes) {
    if (values.has(node.name) || !node.inputs.every((input) => values.has(input))) continue;
    if (node.op.kind === 'input') continue;
    const inputs = node.inputs.map((input) => values.get(input)!);
    const weight = (role: string): Array64 | null => {
      const name = node.weights[role];
      return name === undefined ? null : weights.get(name)!;
    };
    values.set(node.name, evaluateNode(node, inputs, weight));
  }
  return values;
}

function evaluateNode(
  { op, shape }: GraphNode,
  inputs: readonly Array64[],
  weight: (role: string) => Array64 | null,
): Array64 {
  const x = inputs[0]!;
  const each = (change: (value: number, channel: number) => number): Array64 => {
    const channels = x.shape.at(-1)!;
    return { shape, data: Float64Array.from(x.data, (value, i) => change(value, i % channels)) };
  };
  const addBias = (sums: Array64): Array64 => {
    const bias = weight('bias');
    if (bias === null) return sums;
    const { data } = sums;
    return {
      shape,
      data: Float64Array.from(data, (value, i) => value + bias.data[i % bias.data.length]!),
    };
  };

  switch (op.kind) {
    case 'conv2d':
      return addBias(convolve(x, weight('kernel')!, op, op.groups, shape));
    case 'depthwiseConv2d':
      return addBias(convolveDepthwise(x, weight('kernel')!, op, shape));
    case 'dense': {
      const kernel = weight('kernel')!;
      return addBias(
        fill64(shape, (index) => {
          let sum = 0;
          for (let i = 0; i < kernel.shape[0]!; i++) {
            sum += at(x, [...index.slice(0, -1), i]) * at(kernel, [i, index.at(-1)!]);
          }
          return sum;
        }),
      );
    }
    case 'batchNorm': {
      const [mean, variance] = [weight('mean')!.data, weight('variance')!.data];
      const [gamma, beta] = [weight('gamma')?.data, weight('beta')?.data];
      return each((value, c) => {
        const normal = (value - mean[c]!) / Math.sqrt(variance[c]! + op.epsilon);
        return normal * (gamma?.[c] ?? 1) + (beta?.[c] ?? 0);
      });
    }
    case 'relu':
      return each((value) => Math.min(Math.max(value, op.slope * value), op.max ?? Infinity));
    case 'sigmoid':
      return each((value) => 1 / (1 + Math.exp(-value)));
    case 'softmax': {
      const size = x.shape.at(-1)!;
      return fill64(shape, (index) => {
        const row = Array.from({ length: size }, (_, i) => at(x, [...index.slice(0, -1), i]));
        const own = row[index.at(-1)!]!;
        return 1 / row.reduce((sum, value) => sum + Math.exp(value - own), 0);
      });
    }
    case 'maxPool':
      return pool(x, op, shape, (cells) => Math.max(...cells));
    case 'averagePool':
      return pool(x, op, shape, (cells) => cells.reduce((a, b) => a + b, 0) / cells.length);
    case 'globalAveragePool': {
      const [height, width] = x.shape as [number, number];
      return fill64(shape, ([channel]) => {
        let sum = 0;
        for (let cell = 0; cell < height * width; cell++)
          sum += x.data[cell * shape[0]! + channel!]!;
        return sum / (height * width);
      });
    }
    case 'pad':
      return fill64(shape, ([y, i, c]) => at(x, [y! - op.padding.top, i! - op.padding.left, c!]));
    case 'crop':
      return fill64(shape, ([y, i, c]) => at(x, [y! + op.padding.top, i! + op.padding.left, c!]));
    case 'reshape':
      return { shape, data: x.data };
    case 'add':
      return fill64(shape, (index) => inputs.reduce((sum, input) => sum + at(input, index), 0));
    default:
      throw new Error(`no definition of ${op.kind} in double precision`);
  }
}
