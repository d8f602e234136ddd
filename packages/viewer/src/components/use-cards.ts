import type { VNode } from 'preact';
import { useEffect, useReducer, useRef } from 'preact/hooks';

/**
 * The share of the missing cards that is added in each frame. One card takes 1 to 5 ms, depending on how
 * busy the machine is, and no frame may take 50 ms. The cards in the middle of the window come first.
 */
const SHARE = 1 / 12;

/** What was drawn the last time. */
interface Drawn {
  readonly make: (index: number) => VNode;
  readonly cards: ReadonlyMap<number, VNode>;
  readonly keys: ReadonlySet<string>;
  /**
   * The frame of the last drawing, and the number of cards added in it: the grid may be drawn more than
   * once in a frame.
   */
  readonly frame: unknown;
  readonly added: number;
}

/** The functions that make the cards of a grid, by their indices. */
interface CardMakers {
  /** Makes a card. Another function means other cards, and none of the old ones is used again. */
  readonly make: (index: number) => VNode;
  /** Makes the placeholder for a card that is added in a later frame. */
  readonly makeBox: (index: number) => VNode;
  /** Names a card independently of its index. */
  readonly keyOf: (index: number) => string;
}

/** Decides when missing cards are made. */
interface CardTimes {
  /** True while the grid scrolls so fast that no new card is made: it would be gone before anybody saw it. */
  readonly isRushing: boolean;
  /** The key of a card that must be made at once, or null. */
  readonly urgent: string | null;
}

/**
 * The elements for a range of indices, in order: cards, and placeholders for cards that are added later.
 *
 * The cards of the last range are kept, so that cards that stay in the window during scrolling are not
 * compared again.
 */
export function useCards(
  { make, makeBox, keyOf }: CardMakers,
  start: number,
  end: number,
  { isRushing, urgent }: CardTimes,
): VNode[] {
  const last = useRef<Drawn>({ make, cards: new Map(), keys: new Set(), frame: null, added: 0 });
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const known = last.current.make === make ? last.current.cards : new Map<number, VNode>();
  const middle = (start + end - 1) / 2;
  const range = Array.from({ length: end - start }, (_, i) => start + i);
  const fresh = range
    .filter((index) => keyOf(index) !== urgent && !last.current.keys.has(keyOf(index)))
    // The first cards of all appear from the top, as one reads.
    .sort((a, b) =>
      last.current.keys.size === 0 ? a - b : Math.abs(a - middle) - Math.abs(b - middle),
    );
  // This time is the same throughout a frame.
  const frame = document.timeline.currentTime;
  const added = frame === last.current.frame ? last.current.added : 0;
  const batch = Math.ceil((fresh.length + added) * SHARE);
  const room = isRushing ? 0 : Math.max(0, batch - added);
  const later = new Set(fresh.slice(room));
  const cards = new Map<number, VNode>();
  for (const index of range) {
    if (!later.has(index)) cards.set(index, known.get(index) ?? make(index));
  }
  const keys = new Set([...cards.keys()].map(keyOf));
  last.current = { make, cards, keys, frame, added: added + Math.min(room, fresh.length) };
  useEffect(() => {
    if (later.size === 0 || isRushing) return undefined;
    const request = requestAnimationFrame(() => drawAgain(undefined));
    return () => cancelAnimationFrame(request);
  });
  return range.map((index) => cards.get(index) ?? makeBox(index));
}
