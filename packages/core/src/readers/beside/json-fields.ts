import { GradcamError } from '../../base/errors.ts';

/** A JSON object whose fields are not checked yet. */
export type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of an own field of the record, never of one that all objects inherit. */
export function own(record: Json, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Whether a field exists and is not null. */
export function has(record: Json, name: string): boolean {
  return own(record, name) !== undefined && own(record, name) !== null;
}

/** Longest side of a model's input, the same as `MAX_INPUT_SIDE` of the artifact. */
const MAX_SIDE = 16_384;

/**
 * A whole number of pixels.
 *
 * @throws GradcamError `model` naming field and value.
 */
export function side(value: unknown, where: string): number {
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_SIDE) {
    return value as number;
  }
  return fail(where, `a whole number from 1 to ${MAX_SIDE}`, value);
}

/** A number, other than 0 where `isDivisor`. */
export function number(value: unknown, where: string, isDivisor = false): number {
  if (Number.isFinite(value) && !(isDivisor && value === 0)) return value as number;
  return fail(where, isDivisor ? 'a number other than 0' : 'a number', value);
}

/** One number, or a list of one or three. */
export function channels(value: unknown, where: string, isDivisor = false): readonly number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length !== 1 && list.length !== 3) return fail(where, 'one number or three', value);
  return list.map((item) => number(item, where, isDivisor));
}

/** A share above 0, at most 1. */
export function share(value: unknown, where: string): number {
  if (typeof value === 'number' && value > 0 && value <= 1) return value;
  return fail(where, 'a number above 0, at most 1', value);
}

export function flag(record: Json, name: string, fallback: boolean): boolean {
  const value = own(record, name) ?? fallback;
  return typeof value === 'boolean' ? value : fail(name, 'true or false', value);
}

/** @throws GradcamError `model`. */
export function fail(where: string, expected: string, found: unknown): never {
  const text = JSON.stringify(found) ?? 'nothing';
  const short = text.length > 60 ? `${text.slice(0, 60)}..` : text;
  throw new GradcamError('model', `${where}: expected ${expected}, found ${short}`);
}
