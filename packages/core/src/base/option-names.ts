import { GradcamError } from './errors.ts';
import { nearestNames } from './nearest-names.ts';

/**
 * Options that nobody reads would be ignored in silence: in plain JavaScript a wrong name is no error of its own.
 *
 * @param where the function, for the message.
 * @throws GradcamError `argument` for an option that there is not, with the one that is meant.
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
  const next =
    candidates.length === 0
      ? `; there are ${known.join(', ')}`
      : `; did you mean ${candidates.join(' or ')}?`;
  throw new GradcamError('argument', `${where}: no option '${unknown}'${next}`, { candidates });
}

/** A list of texts, where a single one is a slip that JavaScript lets pass. */
export function checkList(where: string, value: unknown, isItem: (item: unknown) => boolean): void {
  if (value === undefined || (Array.isArray(value) && value.every(isItem))) return;
  const hint = isItem(value) ? `, as [${describeValue(value)}]` : '';
  throw new GradcamError(
    'argument',
    `${where}: expected a list${hint}, got ${describeValue(value)}`,
  );
}

/** A value as messages show it. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const name = (value.constructor as { name?: string } | undefined)?.name;
  return name === undefined || name === 'Object' ? 'an object' : `a ${name}`;
}
