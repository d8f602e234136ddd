import { fail } from './json-fields.ts';

/**
 * Checks a list of names and returns it unchanged.
 *
 * @throws GradcamError `model` where the value is not one.
 */
export function checkPlainLabels(value: unknown, where: string): readonly string[] {
  const isList = Array.isArray(value) && value.every((name) => typeof name === 'string');
  return isList ? (value as string[]) : fail(where, 'a list of names', value);
}
