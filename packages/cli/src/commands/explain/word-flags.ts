import { MOST_BEAMS, type ExplainOptions } from '@gradcam/core';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import { dropUndefined } from '../../flags/drop-undefined.ts';
import { optional, parseCount } from '../../flags/flag-values.ts';

/** The flags of `explain` for models that read or write words. */
export interface WordFlags {
  readonly ask?: string;
  readonly questions?: string;
  readonly say?: string;
  readonly caption?: boolean;
  readonly beams?: string;
}

/**
 * Checks the flags for words. A given caption is compared with the model's own.
 *
 * @throws CommandError 64 for flags that exclude each other, and for beams that are not a number of 1 to 64.
 */
export function parseWordFlags({
  ask,
  questions,
  say,
  caption,
  beams,
  truth,
}: WordFlags & { readonly truth?: string }): Pick<
  ExplainOptions,
  'question' | 'caption' | 'ownCaption'
> {
  const asked = { '--ask': ask, '--questions': questions, '--say': say, '--caption': caption };
  const given = Object.entries(asked)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (given.length > 1) {
    throw new CommandError(
      exitCodes.usage,
      `${given.join(' and ')} exclude each other: a question, a table of questions, a caption of yours, or the model's own; give one`,
    );
  }
  if (questions !== undefined && truth !== undefined) {
    throw new CommandError(
      exitCodes.usage,
      '--questions and --truth exclude each other: write the true answers into the third column of the questions',
    );
  }
  if (beams !== undefined && say === undefined && caption === undefined) {
    throw new CommandError(exitCodes.usage, '--beams needs --caption or --say');
  }
  const count = optional(beams, (value) => parseCount('--beams', value, { most: MOST_BEAMS }));
  const write = dropUndefined({ beams: count });
  return dropUndefined({
    question: ask,
    caption: caption === true ? write : say,
    ownCaption: say === undefined ? undefined : write,
  });
}
