/** Where and why a value does not have its shape. */
export interface Misfit {
  /** The path from the checked value to the wrong part of it, such as `.files` or `[0]`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Checks a value that came from JSON; null when the value has the shape. */
export type Shape = (value: unknown) => Misfit | null;

/** Characters of a wrong value that an error shows. */
const SHOWN = 60;

/**
 * Longest string in characters. Strings are names, paths and sentences; a longer one is none of these.
 */
const MAX_TEXT = 2 ** 16;

/** A shape that is given by a predicate. */
export function where(expected: string, holds: (value: unknown) => boolean): Shape {
  return (value) => (holds(value) ? null : { path: '', expected, found: showValue(value) });
}

/** A string of at most `longest` characters. */
export function string(longest = MAX_TEXT): Shape {
  return where(
    `a string of at most ${longest} characters`,
    (value) => typeof value === 'string' && value.length <= longest,
  );
}

/** A string that matches a pattern. */
export function stringLike(expected: string, pattern: RegExp): Shape {
  return where(expected, (value) => typeof value === 'string' && pattern.test(value));
}

/** A finite number in a closed range. */
export function number(least = -Number.MAX_VALUE, most = Number.MAX_VALUE): Shape {
  return where(
    `a number${describeRange(least, most)}`,
    (value) => typeof value === 'number' && value >= least && value <= most,
  );
}

/** A whole number in a closed range. */
export function whole(least: number, most: number): Shape {
  return where(
    `a whole number${describeRange(least, most)}`,
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  );
}

export const truthValue: Shape = where('true or false', (value) => typeof value === 'boolean');

/** One of these strings. */
export function oneOf(...texts: readonly string[]): Shape {
  return where(`one of ${texts.join(', ')}`, (value) => texts.includes(value as string));
}

/** The shape, or an absent field. */
export function optional(shape: Shape): Shape {
  return (value) => (value === undefined ? null : shape(value));
}

/** The shape or null. */
export function nullable(shape: Shape): Shape {
  return (value) => (value === null ? null : shape(value));
}

/** A list of any length. */
export function list(item: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return { path: '', expected: 'a list', found: showValue(value) };
    for (let i = 0; i < value.length; i++) {
      const misfit = item(value[i]);
      if (misfit !== null) return { ...misfit, path: `[${i}]${misfit.path}` };
    }
    return null;
  };
}

/** A list of fixed length with a shape for each of its items. */
export function tuple(...items: readonly Shape[]): Shape {
  return (value) => {
    if (!Array.isArray(value) || value.length !== items.length) {
      return { path: '', expected: `a list of ${items.length}`, found: showValue(value) };
    }
    return firstMisfit(items.map((shape, i) => [`[${i}]`, shape, value[i]]));
  };
}

/** An object with any names, whose values all have the same shape. */
export function record(item: Shape): Shape {
  return (value) => {
    if (!isObject(value)) return { path: '', expected: 'an object', found: showValue(value) };
    return firstMisfit(Object.entries(value).map(([name, one]) => [fieldPath(name), item, one]));
  };
}

/** An object with these fields. Other fields, which a later version may write, are ignored. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(fields);
  return (value) => {
    if (!isObject(value)) return { path: '', expected: 'an object', found: showValue(value) };
    for (const [name, shape] of entries) {
      const misfit = shape(Object.hasOwn(value, name) ? value[name] : undefined);
      if (misfit !== null) return { ...misfit, path: fieldPath(name) + misfit.path };
    }
    return null;
  };
}

/** A misfit in words, such as `explanations[0].files: expected an object, found null`. */
export function describeMisfit({ path, expected, found }: Misfit): string {
  const field = path.replace(/^\./, '');
  return `${field === '' ? '' : `${field}: `}expected ${expected}, found ${found}`;
}

function firstMisfit(
  parts: readonly (readonly [path: string, shape: Shape, value: unknown])[],
): Misfit | null {
  for (const [path, shape, value] of parts) {
    const misfit = shape(value);
    if (misfit !== null) return { ...misfit, path: path + misfit.path };
  }
  return null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Unusual names are written as JSON, so that an error stays one line whatever the file contains.
 */
function fieldPath(name: string): string {
  return /^\w{1,40}$/.test(name) ? `.${name}` : `[${showValue(name)}]`;
}

function describeRange(least: number, most: number): string {
  if (most === Number.MAX_VALUE) return least === -Number.MAX_VALUE ? '' : `, at least ${least}`;
  return ` in ${least}..${most}`;
}

/** A value in an error: one short line, whatever the value contains. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const json = JSON.stringify(typeof value === 'string' ? value.slice(0, SHOWN) : value);
  // JSON does not escape DEL, C1 control characters and line separators, and a terminal may obey them.
  return json.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
