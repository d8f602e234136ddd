import {
  encodeModel,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
} from '../../src/engines/onnx/proto/onnx-model.ts';

/** A node as tests write it. */
export function node(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): OnnxNode {
  return { type, inputs, outputs, attributes };
}

export function integers(
  name: string,
  values: readonly number[],
  shape = [values.length],
): OnnxTensor {
  return { name, shape, data: BigInt64Array.from(values, BigInt) };
}

export function floats(name: string, shape: readonly number[], value = 0.1): OnnxTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return { name, shape, data: new Float32Array(count).fill(value) };
}

/**
 * An ONNX file that takes `x` [1, 3, 8, 8] and, behind what the test writes, ends in the mean of `y` and four
 * scores; without `nodes` y is x.
 *
 * @param last the nodes after the mean, `flat` [1, 3].
 */
export function handMadeOnnx(
  nodes: readonly OnnxNode[],
  initializers: readonly OnnxTensor[] = [],
  shape: readonly (number | string)[] = ['n', 3, 8, 8],
  last: readonly OnnxNode[] = [node('MatMul', ['flat', 'matrix'], ['scores'])],
): Uint8Array {
  const graph = {
    nodes: [
      ...nodes,
      node('GlobalAveragePool', [nodes.length === 0 ? 'x' : 'y'], ['pooled']),
      node('Flatten', ['pooled'], ['flat'], { axis: 1 }),
      ...last,
    ],
    initializers: [...initializers, floats('matrix', [3, 4])],
    inputs: [{ name: 'x', type: 'float32', shape } as const],
    outputs: [{ name: 'scores', type: 'float32', shape: ['n', 4] } as const],
  };
  const domains = Object.fromEntries(
    nodes.flatMap(({ domain }) => (domain === undefined ? [] : [[domain, 1]])),
  );
  return encodeModel({ name: 'hand-made', graph, domains });
}
