import type { NdArray } from '../../base/nd-array.ts';
import { gridOf, readCells } from '../../network/grid/grid.ts';
import { findNode, type Network } from '../../network/network.ts';

/**
 * Brings values of a layer, or gradients there, to the grid on which maps are computed. An image is such a
 * grid already; of tokens, those that are cells of the picture are taken. Every method reads a layer through
 * this function.
 *
 * @param values [batch, ..] in the node's shape.
 * @returns [batch, rows, columns, channels]; the values of a node without a grid are returned unchanged.
 */
export function cellsAt(network: Network, node: string, values: NdArray): NdArray {
  const grid = gridOf(network, findNode(network, node));
  if (grid === null || grid.tokens === null) return values;
  const { height, width, channels } = grid;
  const count = values.shape[0]!;
  const size = values.data.length / count;
  const cells = Array.from({ length: count }, (_, i) =>
    readCells(values.data.subarray(i * size, (i + 1) * size), grid),
  );
  return { shape: [count, height, width, channels], data: joinArrays(cells) };
}

function joinArrays(arrays: readonly Float32Array[]): Float32Array {
  const [first] = arrays;
  if (first !== undefined && arrays.length === 1) return first;
  const joined = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const array of arrays) {
    joined.set(array, start);
    start += array.length;
  }
  return joined;
}
