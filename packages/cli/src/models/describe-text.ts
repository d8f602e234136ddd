import { shortLabel, type TextDescription } from '@gradcam/core';

/** The most words that one line shows. */
const NAMED = 10;

/** How a model reads text, in one line for people. */
export function describeText(text: TextDescription): string {
  const { role, input, length, pad, lower, vocabulary, start, end, unknown } = text;
  const special = new Set([start, end, unknown, '']);
  const words = vocabulary.filter((word) => !special.has(word));
  const some = words.slice(0, NAMED).map(shortLabel).join(', ');
  const more = words.length > NAMED ? ', ..' : '';
  const others = unknown === undefined ? 'other words are refused' : `other words are ${unknown}`;
  const flag = role === 'question' ? '--ask' : '--caption or --say';
  return `a ${role} of ${length} tokens goes to input ${input} (${flag}), ${lower ? 'lower-cased, ' : ''}padded ${pad === 'pre' ? 'before' : 'behind'} its words; ${words.length} words (${some}${more}); ${others}`;
}
