import type { Head, Network } from '../../network/network.ts';

/** Which of a model's outputs are the scores and the boxes of the same places. */
export interface BoxOutputs {
  /** Places among `network.heads`. */
  readonly scores: number;
  readonly boxes: number;
}

/** Numbers of each place, and how many places; of a list of numbers one each. */
function sizeOf({ shape, classes }: Head): { places: number; width: number } {
  const width = shape.length < 2 ? 1 : shape.at(-1)!;
  return { places: classes / width, width };
}

/** The name that a model gives an output. */
export function nameOfHead({ logits, probabilities }: Head): string {
  return probabilities ?? logits;
}

const LIKE_BOXES = /box|loc|regress|coord/i;
const LIKE_SCORES = /score|class|conf|prob|cls|logit/i;

/**
 * Finds two outputs that are scores [places, classes] and boxes [places, 4] or [places, 1, 4].
 *
 * @returns null where there are none, or several could be either and their names do not tell.
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

function chooseOne(
  heads: readonly Head[],
  holds: (head: Head) => boolean,
  name: RegExp,
  otherName: RegExp,
): number | null {
  const found = heads.flatMap((head, place) => (holds(head) ? [place] : []));
  const nameAt = (place: number): string => nameOfHead(heads[place]!);
  const named = found.filter((place) => name.test(nameAt(place)));
  const left = found.filter((place) => !otherName.test(nameAt(place)));
  const only = [found, named, left].find((places) => places.length === 1);
  return only?.[0] ?? null;
}

/**
 * What says that boxes come after the suppression of overlapping ones: boxes [n, 4] beside two lists [n],
 * their scores and classes; or one output [n, 6] of 100, 200, 300 or 1000 rows.
 */
export function findAfterSuppression({ heads }: Pick<Network, 'heads'>): string | null {
  const boxes = heads.find(isBoxes);
  if (boxes !== undefined) {
    const { places } = sizeOf(boxes);
    const lists = heads.filter(({ shape }) => shape.length === 1 && shape[0] === places);
    if (lists.length >= 2) return [boxes, ...lists].map(nameOfHead).join(', ');
  }
  const rows = heads.find(
    ({ shape }) =>
      shape.length === 2 && [100, 200, 300, 1000].includes(shape[0]!) && shape[1] === 6,
  );
  return rows === undefined ? null : nameOfHead(rows);
}
