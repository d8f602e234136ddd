import { GradcamError } from './errors.ts';
import { didYouMean, nearestNames } from './nearest-names.ts';

/**
 * Refuses an option with an unknown name, which plain JavaScript would ignore in silence.
 *
 * @param where the function, for the message.
 * @throws GradcamError `argument` naming the unknown option and similar ones.
 */
export function checkOptionNames(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new GradcamError(
      'argument',
      `${where}: expected an object of options, got ${describeValue(options)}`,
    );
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const candidates = nearestNames(unknown, known);
  const next = didYouMean(candidates) || `; the options are ${known.join(', ')}`;
  throw new GradcamError('argument', `${where}: no option '${unknown}'${next}`, { candidates });
}

/**
 * Refuses a value that is no list, such as a single string where a list of strings is expected.
 * Undefined passes.
 *
 * @throws GradcamError `argument` naming `where`.
 */
export function checkList(where: string, value: unknown, isItem: (item: unknown) => boolean): void {
  if (value === undefined || (Array.isArray(value) && value.every(isItem))) return;
  const hint = isItem(value) ? `, as [${describeValue(value)}]` : '';
  throw new GradcamError(
    'argument',
    `${where}: expected a list${hint}, got ${describeValue(value)}`,
  );
}

/** A short description of a value, for messages. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const name = (value.constructor as { name?: string } | undefined)?.name;
  return name === undefined || name === 'Object' ? 'an object' : `a ${name}`;
}
