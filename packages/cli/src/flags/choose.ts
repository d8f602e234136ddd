import { CommandError, exitCodes } from '../exit-codes.ts';

/**
 * One of the values that a flag takes.
 *
 * @throws CommandError 64 naming the flag, what it takes and what was given.
 */
export function choose<T extends string>(flag: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new CommandError(exitCodes.usage, `${flag} takes ${choices.join(', ')}; got '${value}'`);
}
