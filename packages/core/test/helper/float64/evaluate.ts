import type { Weights } from '../../../src/engines/port/engine.ts';
import type { GraphNode, Network } from '../../../src/network/network.ts';
import { at, fill64, type Array64 } from './array64.ts';
import { convolve, convolveDepthwise, pool, spread } from './windows.ts';

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

  const join = (both: (a: number, b: number) => number): Array64 =>
    fill64(shape, (index) => inputs.map((input) => at(input, index)).reduce((a, b) => both(a, b)));

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
    case 'channelScale': {
      const scale = weight('scale')?.data;
      return addBias(each((value, c) => value * (scale?.[c] ?? 1)));
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
    case 'globalMaxPool': {
      const channels = shape[0]!;
      return fill64(shape, ([channel]) =>
        Math.max(...Array.from(x.data).filter((_, i) => i % channels === channel)),
      );
    }
    case 'pad':
      return fill64(shape, ([y, i, c]) => at(x, [y! - op.padding.top, i! - op.padding.left, c!]));
    case 'crop':
      return fill64(shape, ([y, i, c]) => at(x, [y! + op.padding.top, i! + op.padding.left, c!]));
    case 'reshape':
      return { shape, data: x.data };
    case 'add':
      return join((a, b) => a + b);
    case 'subtract':
      return join((a, b) => a - b);
    case 'multiply':
      return join((a, b) => a * b);
    case 'maximum':
      return join(Math.max);
    case 'minimum':
      return join(Math.min);
    case 'concatenate':
      return fill64(shape, (index) => {
        const moved = [...index];
        for (const input of inputs) {
          if (moved[op.axis]! < input.shape[op.axis]!) return at(input, moved);
          moved[op.axis]! -= input.shape[op.axis]!;
        }
        throw new Error(`nothing at ${index.join()}`);
      });
    case 'affine':
      return each((value, c) => {
        const of = (values: readonly number[]): number => values[values.length === 1 ? 0 : c]!;
        return value * of(op.scale) + of(op.offset);
      });
    case 'prelu': {
      const alpha = weight('alpha')!;
      return fill64(shape, (index) => {
        const slope = at(
          alpha,
          index.map((i, axis) => Math.min(i, alpha.shape[axis]! - 1)),
        );
        const value = at(x, index);
        return Math.max(value, 0) + slope * Math.min(value, 0);
      });
    }
    case 'conv2dAdjoint':
      return addBias(spread(x, weight('kernel')!, op, shape));
    case 'resizeNearest':
      return fill64(shape, ([y, i, c]) =>
        at(x, [Math.floor(y! / op.factors[0]), Math.floor(i! / op.factors[1]), c!]),
      );
    case 'sumTo':
      return fill64(shape, (index) => sumOver(x, index, shape));
    case 'slice':
      return fill64(shape, (index) =>
        at(
          x,
          index.map((i, axis) => (axis === op.axis ? i + op.start : i)),
        ),
      );
    case 'resize':
      if (op.grid !== 'linear') throw new Error(`no definition of grid ${op.grid}`);
      return fill64(shape, ([y, i, c]) => {
        const [down, across] = [
          halfPixel(y!, shape[0]!, x.shape[0]!),
          halfPixel(i!, shape[1]!, x.shape[1]!),
        ];
        let sum = 0;
        for (const [row, a] of down)
          for (const [column, b] of across) sum += a * b * at(x, [row, column, c!]);
        return sum;
      });
    default:
      throw new Error(`no definition of ${op.kind} in double precision`);
  }
}

/** The two cells, and their shares, that a cell of an enlarged axis lies between; edges repeated. */
function halfPixel(to: number, enlarged: number, size: number): [number, number][] {
  const centre = ((to + 0.5) * size) / enlarged - 0.5;
  const first = Math.floor(centre);
  const inside = (cell: number): number => Math.min(Math.max(cell, 0), size - 1);
  return [
    [inside(first), first + 1 - centre],
    [inside(first + 1), centre - first],
  ];
}

/** The sum over the axes that are 1 in the result and longer in the value. */
function sumOver(x: Array64, index: readonly number[], shape: readonly number[]): number {
  const axis = shape.findIndex((size, i) => size === 1 && index[i]! === 0 && x.shape[i]! > 1);
  const places = (at: number): readonly number[] =>
    shape[at] === 1 ? Array.from({ length: x.shape[at]! }, (_, i) => i) : [index[at]!];
  if (axis < 0) return at(x, index);
  const all = shape.reduce<number[][]>(
    (found, _, i) => found.flatMap((start) => places(i).map((place) => [...start, place])),
    [[]],
  );
  return all.reduce((sum, place) => sum + at(x, place), 0);
}
