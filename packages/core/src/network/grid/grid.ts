import { findNode, mainHead, type GraphNode, type Network } from '../network.ts';
import { cellsOf, hasPlaces, type Axes } from './axis.ts';
import { findLiveCells, reachesAttention } from './live-cells.ts';
import { traceAxes } from './trace-axes.ts';

/**
 * The cells of the picture in a value, from which a map is read. The value is an image [height, width,
 * channels], or tokens [before + height * width + after, channels] whose cells lie row by row.
 */
export interface Grid {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Only for tokens; null for an image. */
  readonly tokens: TokenPlaces | null;
}

/** Tokens that are not cells of the picture: the class token, the distillation token, registers. */
export interface TokenPlaces {
  readonly before: number;
  readonly after: number;
  /** The axis of the value that counts the tokens. */
  readonly axis: number;
}

/**
 * The grid of a node's value; null for a value that has none. The height and width of a grid of tokens are
 * those of the image that was cut into these tokens. They are followed through the network and never
 * guessed from the number of tokens.
 */
export function gridOf(network: Pick<Network, 'nodes'>, node: GraphNode): Grid | null {
  const { shape } = node;
  const axes = tracedAxes(network.nodes).get(node.name) ?? [];
  const counting = axes.findIndex((axis) => cellsOf(axis) !== null);
  if (counting < 0) {
    const [height = 1, width = 1, channels = 1] = shape;
    return shape.length === 3 ? { height, width, channels, tokens: null } : null;
  }
  const axis = axes[counting]!;
  const others = axes.filter((_, i) => i !== counting);
  const isList =
    counting === shape.length - 2 && shape.slice(0, counting).every((size) => size === 1);
  if (!isList || others.some((other) => other === null || hasPlaces(other))) return null;
  const { before, after } = axis;
  const tokens = { before, after, axis: counting };
  return { ...cellsOf(axis)!, channels: shape.at(-1)!, tokens };
}

/**
 * Whether the scores depend on the cells of a node's value. After the last attention of a net that reads
 * only its class token, they do not.
 */
export function readsCells(network: Network, node: string): boolean {
  const { tokens } = gridOf(network, findNode(network, node)) ?? {};
  if (tokens === undefined || tokens === null) return true;
  return liveCells(network)(node, tokens.axis);
}

/**
 * Whether an attention later mixes the tokens of a node's value, with only steps in between that compute
 * each token by itself.
 */
export function leadsToAttention(network: Network, node: string): boolean {
  const { nodes } = network;
  const { tokens } = gridOf(network, findNode(network, node)) ?? {};
  if (tokens === undefined || tokens === null) return false;
  return reachesAttention(nodes, { node, axis: tokens.axis }, tracedAxes(nodes));
}

/** The part of one item's values that holds the cells, [height, width, channels]. Nothing is copied. */
export function readCells(
  item: Float32Array,
  { height, width, channels, tokens }: Grid,
): Float32Array {
  const start = (tokens?.before ?? 0) * channels;
  return item.subarray(start, start + height * width * channels);
}

const traced = new WeakMap<readonly GraphNode[], ReadonlyMap<string, Axes>>();

/** The axes are traced once for each network, because all views of a network share its nodes. */
function tracedAxes(nodes: readonly GraphNode[]): ReadonlyMap<string, Axes> {
  const known = traced.get(nodes) ?? traceAxes(nodes);
  traced.set(nodes, known);
  return known;
}

type LiveCells = ReturnType<typeof findLiveCells>;

const lives = new WeakMap<readonly GraphNode[], Map<string, LiveCells>>();

function liveCells(network: Network): LiveCells {
  const { nodes } = network;
  const { logits } = mainHead(network);
  const ofNodes = lives.get(nodes) ?? new Map<string, LiveCells>();
  lives.set(nodes, ofNodes);
  const known = ofNodes.get(logits) ?? findLiveCells(nodes, logits, tracedAxes(nodes));
  ofNodes.set(logits, known);
  return known;
}
