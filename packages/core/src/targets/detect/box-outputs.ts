import { nameOfHead, type Head, type Network } from '../../network/network.ts';

/** The outputs of a model that hold the scores and the boxes of the same places. */
export interface BoxOutputs {
  /** Indices in `network.heads`. */
  readonly scores: number;
  readonly boxes: number;
}

/**
 * The number of places, and how many numbers each has. Each number of a one-dimensional output is a
 * place.
 */
function sizeOf({ shape, classes }: Head): { places: number; width: number } {
  const width = shape.length < 2 ? 1 : shape.at(-1)!;
  return { places: classes / width, width };
}

const LIKE_BOXES = /box|loc|regress|coord/i;
const LIKE_SCORES = /score|class|conf|prob|cls|logit/i;

/**
 * Finds two outputs that are scores [places, classes] and boxes [places, 4] or [places, 1, 4].
 *
 * @returns null where there are none, or where several outputs could be either and their names do not
 *   decide.
 */
export function findBoxOutputs({ heads }: Network): BoxOutputs | null {
  if (findAfterSuppression({ heads }) !== null) return null;
  const boxes = chooseOne(heads, isBoxes, LIKE_BOXES, LIKE_SCORES);
  if (boxes === null) return null;
  const { places } = sizeOf(heads[boxes]!);
  const scores = chooseOne(
    heads,
    (head) => head !== heads[boxes] && sizeOf(head).places === places,
    LIKE_SCORES,
    LIKE_BOXES,
  );
  return scores === null ? null : { scores, boxes };
}

function isBoxes(head: Head): boolean {
  const { places, width } = sizeOf(head);
  return width === 4 && places > 1;
}

/** The only head that `holds` accepts, or else the only one of these that its name points to. */
function chooseOne(
  heads: readonly Head[],
  holds: (head: Head) => boolean,
  name: RegExp,
  otherName: RegExp,
): number | null {
  const found = heads.flatMap((head, index) => (holds(head) ? [index] : []));
  const nameAt = (index: number): string => nameOfHead(heads[index]!);
  const named = found.filter((index) => name.test(nameAt(index)));
  const left = found.filter((index) => !otherName.test(nameAt(index)));
  const only = [found, named, left].find((indices) => indices.length === 1);
  return only?.[0] ?? null;
}

/**
 * Finds outputs that are boxes after non-maximum suppression: boxes [n, 4] with two lists [n], their
 * scores and classes, or one output [n, 6] with 100, 200, 300 or 1000 rows. Several boxes with lists of their
 * own are the grids of a detector, such as YuNet, before it.
 *
 * @returns the names of the outputs; null where there are none.
 */
export function findAfterSuppression({ heads }: Pick<Network, 'heads'>): string | null {
  const groups = heads.filter(isBoxes).flatMap((boxes) => {
    const { places } = sizeOf(boxes);
    const lists = heads.filter(({ shape }) => shape.length === 1 && shape[0] === places);
    return lists.length >= 2 ? [[boxes, ...lists]] : [];
  });
  if (groups.length === 1) return groups[0]!.map(nameOfHead).join(', ');
  const rows = heads.find(
    ({ shape }) =>
      shape.length === 2 && [100, 200, 300, 1000].includes(shape[0]!) && shape[1] === 6,
  );
  return rows === undefined ? null : nameOfHead(rows);
}
