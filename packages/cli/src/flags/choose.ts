import { CommandError, exitCodes } from '../exit-codes.ts';

/**
 * Checks that a flag's value is one of the choices, and returns it.
 *
 * @throws CommandError 64 naming the flag, the values that it takes and the value that was given.
 */
export function choose<T extends string>(flag: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new CommandError(exitCodes.usage, `${flag} takes ${choices.join(', ')}; got '${value}'`);
}
