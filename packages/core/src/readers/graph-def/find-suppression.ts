import { countElements } from '../../base/nd-array.ts';
import type { NodeValue, Value } from '../graph/value.ts';
import type { DefSource, WholeDefNode } from './graph-def.ts';
import { handedInput } from './handed-input.ts';

/** The boxes and scores that go into a non-maximum suppression. */
export interface Suppression {
  /** The node that suppresses, with its op. */
  readonly title: string;
  /** A value [places, 4], perhaps with further axes of size 1. */
  readonly boxes: DefSource;
  /** A value [places, classes], or [places] for one class. */
  readonly scores: DefSource;
}

const SUPPRESSING = /^(?:NonMaxSuppression(?:V[2-5])?|CombinedNonMaxSuppression)$/;

/** The most steps from a suppression back to the values that are cut out for its classes. */
const MOST_STEPS = 64;

/**
 * Finds the boxes and scores before the suppressions that outputs of a detector depend on. Each class may
 * have a suppression of its own. The answer is the last values that all of them take their numbers from and
 * that can be computed; null where there is no suppression, or where such values are not found for sure.
 */
export function findSuppression(
  outputs: readonly string[],
  nodes: ReadonlyMap<string, WholeDefNode>,
  valueOf: (source: DefSource) => Value | undefined,
): Suppression | null {
  const suppressing = findSuppressing(outputs, nodes);
  const [first] = suppressing;
  if (first === undefined) return null;
  const boxes = findShared(suppressing, 0, nodes, (source) => {
    const value = valueOf(source);
    return value?.kind === 'node' && placesOf(value, 4) !== null;
  });
  const held = boxes && valueOf(boxes);
  if (boxes === null || held?.kind !== 'node') return null;
  const places = placesOf(held, 4);
  const scores = findShared(suppressing, 1, nodes, (source) => {
    const value = valueOf(source);
    return value?.kind === 'node' && places !== null && isScores(value, places);
  });
  if (scores === null) return null;
  return { title: `${first.name} (${first.op})`, boxes, scores };
}

/** The suppressions from which any output is computed. */
function findSuppressing(
  outputs: readonly string[],
  nodes: ReadonlyMap<string, WholeDefNode>,
): WholeDefNode[] {
  const found: WholeDefNode[] = [];
  const seen = new Set(outputs);
  for (const name of seen) {
    const node = nodes.get(name);
    if (node === undefined) continue;
    if (SUPPRESSING.test(node.op)) found.push(node);
    else for (const input of node.inputs) seen.add(input);
  }
  return found;
}

/** The value nearest to the suppressions that fits and that all of them come from. */
function findShared(
  suppressing: readonly WholeDefNode[],
  input: number,
  nodes: ReadonlyMap<string, WholeDefNode>,
  fits: (source: DefSource) => boolean,
): DefSource | null {
  const ways = suppressing.map(({ sources }) => wayBack(sources[input], nodes));
  const [first, ...others] = ways;
  const key = ({ node, output }: DefSource): string => `${node}:${output}`;
  const shared = others.map((way) => new Set(way.map(key)));
  const common = first!.filter((source) => shared.every((way) => way.has(key(source))));
  return common.find(fits) ?? null;
}

/** The values from which a value is taken, the nearest first. */
function wayBack(
  start: DefSource | undefined,
  nodes: ReadonlyMap<string, WholeDefNode>,
): readonly DefSource[] {
  const way: DefSource[] = [];
  let at = start;
  while (at !== undefined && way.length < MOST_STEPS) {
    way.push(at);
    const node = nodes.get(at.node);
    if (node === undefined) break;
    at = handedInput(node);
  }
  return way;
}

/** Number of places of a value that has `width` numbers for each; null where it has another shape. */
function placesOf({ shape, element }: NodeValue, width: number): number | null {
  const long = shape.filter((size) => size !== 1);
  const isPlaces = long.length === 2 && shape.at(-1) === width && element !== 'integer';
  return isPlaces ? long[0]! : null;
}

function isScores({ shape, element }: NodeValue, places: number): boolean {
  const long = shape.filter((size) => size !== 1);
  const classes = countElements(shape) / places;
  const fits = long[0] === places && long.length === (classes > 1 ? 2 : 1);
  return fits && element !== 'integer' && (classes === 1 || shape.at(-1) === classes);
}
