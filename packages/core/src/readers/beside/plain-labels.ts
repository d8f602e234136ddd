import { fail } from './json-fields.ts';

/**
 * A list of names, as they are.
 *
 * @throws GradcamError `model` where it is none.
 */
export function checkPlainLabels(value: unknown, where: string): readonly string[] {
  const isList = Array.isArray(value) && value.every((name) => typeof name === 'string');
  return isList ? (value as string[]) : fail(where, 'a list of names', value);
}
