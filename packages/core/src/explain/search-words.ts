/** A text that a model has written, word by word. */
export interface Utterance {
  /** The tokens behind the start, with the end's where the text ended. */
  readonly tokens: readonly number[];
  /** Of each of these tokens, the logarithm of its probability after those before it. */
  readonly logProbabilities: readonly number[];
  /** Their sum. */
  readonly logProbability: number;
  readonly isEnded: boolean;
}

export interface WordSearch {
  /**
   * For each text so far, start included, the log-probabilities of all words at the place behind it.
   */
  readonly next: (texts: readonly (readonly number[])[]) => Promise<readonly Float64Array[]>;
  /** How many texts are continued at each place; 1 takes the likeliest word each time. */
  readonly beams: number;
  /** The most tokens behind the start. */
  readonly length: number;
  readonly start: number;
  readonly end: number;
  /** Tokens that are never written: the padding, and the start. */
  readonly never: ReadonlySet<number>;
}

interface Beam {
  readonly tokens: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly sum: number;
}

/**
 * Searches for a text of large probability: at each place the `beams` likeliest of all continuations are kept
 * (beam search). A text that ends is set aside. The search is over when `beams` texts have ended and no other
 * one can overtake the best of them, since every further word makes a text less likely. Sums are compared as
 * they are, without a correction for the number of words. Of equal sums the first counts: that of the text
 * which was better before, and of the smaller token.
 *
 * @returns the texts that ended, the best first; where none did, those at the last place.
 */
export async function searchWords(search: WordSearch): Promise<readonly Utterance[]> {
  const { next, beams, length, start, end, never } = search;
  let alive: Beam[] = [{ tokens: [], logProbabilities: [], sum: 0 }];
  const ended: Beam[] = [];
  for (let place = 0; place < length && alive.length > 0; place++) {
    const rows = await next(alive.map(({ tokens }) => [start, ...tokens]));
    const kept = pickBest(alive, rows, beams, never);
    ended.push(...kept.filter(({ tokens }) => tokens.at(-1) === end));
    alive = kept.filter(({ tokens }) => tokens.at(-1) !== end);
    const best = Math.max(...ended.map(({ sum }) => sum));
    if (ended.length >= beams && best >= (alive[0]?.sum ?? -Infinity)) break;
  }
  const found = ended.length > 0 ? ended : alive;
  return [...found]
    .sort((a, b) => b.sum - a.sum)
    .map(({ tokens, logProbabilities, sum }) => ({
      ...{ tokens, logProbabilities },
      logProbability: sum,
      isEnded: tokens.at(-1) === end,
    }));
}

function pickBest(
  alive: readonly Beam[],
  rows: readonly Float64Array[],
  count: number,
  never: ReadonlySet<number>,
): Beam[] {
  const grown: { beam: number; token: number; sum: number }[] = [];
  alive.forEach(({ sum }, beam) => {
    const row = rows[beam]!;
    // Of one text, no more than `count` continuations can be among the best.
    const tokens = Array.from(row, (_, token) => token).filter((token) => !never.has(token));
    tokens.sort((a, b) => row[b]! - row[a]! || a - b);
    for (const token of tokens.slice(0, count)) grown.push({ beam, token, sum: sum + row[token]! });
  });
  grown.sort((a, b) => b.sum - a.sum || a.beam - b.beam || a.token - b.token);
  return grown.slice(0, count).map(({ beam, token, sum }) => {
    const { tokens, logProbabilities } = alive[beam]!;
    return {
      tokens: [...tokens, token],
      logProbabilities: [...logProbabilities, rows[beam]![token]!],
      sum,
    };
  });
}
