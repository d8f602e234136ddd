import { CommandError, exitCodes } from '../exit-codes.ts';

/** Names with commas between. */
export function splitList(flag: string, value: string): string[] {
  const items = value.split(',').map((item) => item.trim());
  if (items.every((item) => item !== '')) return items;
  throw new CommandError(
    exitCodes.usage,
    `${flag} takes names with commas between; got '${value}'`,
  );
}

/** A whole number from 1. */
export function parseCount(flag: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new CommandError(exitCodes.usage, `${flag} takes a whole number from 1; got '${value}'`);
}

/** A number from 0 to 1. */
export function parseFraction(flag: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new CommandError(exitCodes.usage, `${flag} takes a number from 0 to 1; got '${value}'`);
}
