import { type ModelDescription, toPrintable } from '@gradcam/core';
import type { Terminal } from '../terminal/messages.ts';

/**
 * Prints where each fact about a model comes from, which statements are not followed, and what had to be
 * assumed.
 */
export function printSources(
  {
    readFrom,
    notUsed,
    assumptions,
  }: Pick<ModelDescription, 'readFrom' | 'notUsed' | 'assumptions'>,
  terminal: Pick<Terminal, 'note'>,
): void {
  for (const line of readFrom) terminal.note(toPrintable(`read from ${line}`));
  for (const line of notUsed) terminal.note(toPrintable(`not used: ${line}`));
  for (const line of assumptions) terminal.note(toPrintable(`assumed: ${line}`));
}
