import type { VNode } from 'preact';
import { useEffect, useReducer, useRef } from 'preact/hooks';

/**
 * Of the cards that are missing, a share comes into the page with each frame: one takes 1 to 5 ms, by how
 * busy the machine is, and no frame may take 50. Those in the middle of the window come first.
 */
const SHARE = 1 / 12;

/** What was drawn last. */
interface Drawn {
  readonly make: (index: number) => VNode;
  readonly cards: ReadonlyMap<number, VNode>;
  readonly keys: ReadonlySet<string>;
  /** The frame, and how many cards came into the page in it: it may be drawn more than once. */
  readonly frame: unknown;
  readonly added: number;
}

/** Cards of a grid, by their indices. */
interface CardMakers {
  /** Another function for other cards. */
  readonly make: (index: number) => VNode;
  /** What stands at a card's place until there is time for the card. */
  readonly makeBox: (index: number) => VNode;
  /** Names a card, whatever its index. */
  readonly keyOf: (index: number) => string;
}

/** When cards are made that are not there yet. */
interface CardTimes {
  /** No new card is made: it would be gone before anybody saw it. */
  readonly isRushing: boolean;
  /** The key of one that is made at once in any case. */
  readonly urgent: string | null;
}

/**
 * What is to be seen of a range of indices, in their order: cards, and boxes for those that come later.
 *
 * What was made for the last range is kept, so that cards that stay in the window while it scrolls are
 * not compared again.
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
    .sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  // The same at any time within a frame.
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
