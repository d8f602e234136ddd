import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { captionOf, partOf, type SentencePart } from '../text/words.ts';

/** The most maps on a card. Further maps are shown only in the enlarged image. */
export const MAX_CARD_MAPS = 4;

/** The maps that a card shows at the same time. */
export interface CardMaps {
  /** The part of the image's caption that they are about; null for an image without a caption. */
  readonly part: SentencePart | null;
  readonly maps: readonly ResultExplanation[];
  /** How many maps the card does not offer. */
  readonly hidden: number;
}

/**
 * What a card may show: for each part of a caption the maps of that part, otherwise the first maps of all.
 * The first one is shown until the reader chooses another: the whole sentence, if it has a map.
 */
export function listCardMaps(line: ResultLine): readonly CardMaps[] {
  const { explanations } = line;
  const caption = captionOf(line);
  const parts = new Map<SentencePart, ResultExplanation[]>();
  for (const explanation of caption === null ? [] : explanations) {
    const part = partOf(caption!, explanation);
    if (part !== null) parts.set(part, [...(parts.get(part) ?? []), explanation]);
  }
  if (parts.size === 0) return [limitMaps(null, explanations, explanations.length)];
  const others = explanations.length - [...parts.values()].flat().length;
  const all = [...parts].map(([part, own]) => limitMaps(part, own, own.length + others));
  return all.sort((a, b) => Number(b.part === 'sentence') - Number(a.part === 'sentence'));
}

function limitMaps(
  part: SentencePart | null,
  all: readonly ResultExplanation[],
  count: number,
): CardMaps {
  const maps = all.slice(0, MAX_CARD_MAPS);
  return { part, maps, hidden: count - maps.length };
}
