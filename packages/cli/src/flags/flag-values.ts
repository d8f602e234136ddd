import { CommandError, exitCodes } from '../exit-codes.ts';

/** Parses the value of a flag that may be absent. */
export function optional<T>(value: string | undefined, parse: (value: string) => T): T | undefined {
  return value === undefined ? undefined : parse(value);
}

/** Splits a list of names that are separated by commas. */
export function splitList(flag: string, value: string): string[] {
  const items = value.split(',').map((item) => item.trim());
  if (items.every((item) => item !== '')) return items;
  throw new CommandError(
    exitCodes.usage,
    `${flag} takes names separated by commas; got '${value}'`,
  );
}

/** Parses an integer in digits, from `least`, by default 1, to `most`. */
export function parseCount(
  flag: string,
  value: string,
  { least = 1, most = Number.MAX_SAFE_INTEGER } = {},
): number {
  const number = /^\d+$/.test(value.trim()) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `${least}` : `${least} to ${most}`;
  throw new CommandError(
    exitCodes.usage,
    `${flag} takes a whole number from ${range}; got '${value}'`,
  );
}

/** Parses a number from 0 to 1. */
export function parseFraction(flag: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new CommandError(exitCodes.usage, `${flag} takes a number from 0 to 1; got '${value}'`);
}

/** Parses two numbers separated by `..`, of which the second must be larger. */
export function parseRange(flag: string, value: string): readonly [from: number, to: number] {
  const parts = value.split('..');
  const [from = NaN, to = NaN] = parts.map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (parts.length === 2 && Number.isFinite(from) && Number.isFinite(to) && to > from) {
    return [from, to];
  }
  throw new CommandError(
    exitCodes.usage,
    `${flag} takes two numbers from..to, the second one larger, such as 0..4095 or ${flag}=-1000..1000; got '${value}'`,
  );
}
