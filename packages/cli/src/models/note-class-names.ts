import { countClasses, mainHead, type ModelDescription } from '@gradcam/core';
import type { Terminal } from '../terminal/messages.ts';

/**
 * Prints that a model has no names for its classes, and what gives it some. A model without classes, such as
 * one that returns a value or words, needs none.
 */
export function noteClassNames(
  { network, classNames, text }: Pick<ModelDescription, 'network' | 'classNames' | 'text'>,
  terminal: Pick<Terminal, 'note'>,
): void {
  const classes = countClasses(mainHead(network));
  if (classNames.labels.length > 0 || classes === 0 || text !== undefined) return;
  terminal.note(
    `no class names were found, so the ${classes} classes are shown by their numbers; state names with --labels FILE (one name a line), or put labels.txt beside the model`,
  );
}
