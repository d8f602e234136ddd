import type { GraphNode, Head, Network } from '../../network/network.ts';
import { indexNodes } from '../../network/walk-graph.ts';
import { YOLOX_STRIDES } from './yolox-grids.ts';

/** Operations that only move numbers, or bring the pieces of an output together. */
const MOVING: ReadonlySet<GraphNode['op']['kind']> = new Set(['reshape', 'permute', 'concatenate']);

/** More pieces than an output of three grids can have. */
const MOST_PIECES = 64;

/**
 * Whether an output is what YOLOX's heads give before their boxes are decoded. Its pieces are then, for each
 * of three grids, a convolution of 4 filters, one of 1 and one of the classes, and nothing adds a grid to
 * them or multiplies by a stride. With a decoder, arithmetic stands between the convolutions and the output.
 *
 * @returns `probabilities` where objectness and classes go through a sigmoid, `scores` where nothing does;
 *   null for any other output.
 */
export function findRawYolox(
  network: Network,
  { logits, activation }: Head,
  width: number,
): 'probabilities' | 'scores' | null {
  if (activation !== 'linear' || width < 6) return null;
  const pieces = listPieces(network, logits);
  if (pieces === null || pieces.length !== 3 * YOLOX_STRIDES.length) return null;
  const orders = [
    // The three numbers of a grid side by side, or the grids of each number side by side.
    pieces.map((_, i) => i % 3),
    pieces.map((_, i) => Math.floor(i / YOLOX_STRIDES.length)),
  ];
  const widths = [4, 1, width - 5];
  const order = orders.find((roles) =>
    pieces.every(({ filters }, i) => filters === widths[roles[i]!]),
  );
  if (order === undefined) return null;
  const isRaw = (i: number): boolean => !pieces[i]!.isSigmoid;
  const places = pieces.map((_, i) => i);
  const boxes = places.filter((i) => order[i] === 0);
  const others = places.filter((i) => order[i] !== 0);
  if (!boxes.every(isRaw)) return null;
  if (others.every(isRaw)) return 'scores';
  return others.some(isRaw) ? null : 'probabilities';
}

/** A convolution whose values are a part of an output. */
interface Piece {
  readonly filters: number;
  readonly isSigmoid: boolean;
}

/** The pieces of an output in their order; null where anything but convolutions and sigmoids gives some. */
function listPieces(network: Network, output: string): readonly Piece[] | null {
  const nodes = indexNodes(network);
  const found: Piece[] = [];
  const pending = [{ name: output, isSigmoid: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { name, isSigmoid } = next;
    const node = nodes.get(name);
    if (node === undefined || pending.length > MOST_PIECES) return null;
    const { op, inputs } = node;
    if (op.kind === 'conv2d') {
      found.push({ filters: node.shape.at(-1) ?? 0, isSigmoid });
    } else if (op.kind === 'sigmoid' && !isSigmoid) {
      pending.push({ name: inputs[0]!, isSigmoid: true });
    } else if (MOVING.has(op.kind)) {
      pending.push(...[...inputs].reverse().map((input) => ({ name: input, isSigmoid })));
    } else {
      return null;
    }
    if (found.length > MOST_PIECES) return null;
  }
  return found;
}
