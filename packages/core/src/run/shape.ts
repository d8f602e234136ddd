/** Why a value is not what it must be. */
export interface Misfit {
  /** From the value that was checked to the part of it that is wrong: `.files`, `[0]`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Checks a value that came from JSON; null where it is what it must be. */
export type Shape = (value: unknown) => Misfit | null;

/** Characters of a wrong value that an error shows. */
const SHOWN = 60;

/** Texts are names, paths and sentences; what is longer is none of these. */
const MAX_TEXT = 2 ** 16;

/** A shape by a test of its own. */
export function where(expected: string, holds: (value: unknown) => boolean): Shape {
  return (value) => (holds(value) ? null : { path: '', expected, found: showValue(value) });
}

/** A text of at most `longest` characters. */
export function text(longest = MAX_TEXT): Shape {
  return where(
    `a text of at most ${longest} characters`,
    (value) => typeof value === 'string' && value.length <= longest,
  );
}

/** A text that matches. */
export function textLike(expected: string, pattern: RegExp): Shape {
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

/** One of these texts. */
export function oneOf(...texts: readonly string[]): Shape {
  return where(`one of ${texts.join(', ')}`, (value) => texts.includes(value as string));
}

/** The shape, or that the field is not there. */
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

/** A list with a shape for each of its items, and no more. */
export function tuple(...items: readonly Shape[]): Shape {
  const each = list(() => null);
  return (value) => {
    const isList = each(value) === null && (value as unknown[]).length === items.length;
    if (!isList)
      return { path: '', expected: `a list of ${items.length}`, found: showValue(value) };
    return firstMisfit(items.map((shape, i) => [`[${i}]`, shape, (value as unknown[])[i]]));
  };
}

/** Names to values, whatever the names are. */
export function record(item: Shape): Shape {
  return (value) => {
    if (!isObject(value)) return { path: '', expected: 'an object', found: showValue(value) };
    return firstMisfit(Object.entries(value).map(([name, one]) => [fieldPath(name), item, one]));
  };
}

/** An object with these fields; others, which a later version may have, are passed over. */
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

/** `explanations[0].files: expected an object, found null`. */
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

/** Names of the file's own are shown as JSON: an error stays one line whatever they are. */
function fieldPath(name: string): string {
  return /^\w{1,40}$/.test(name) ? `.${name}` : `[${showValue(name)}]`;
}

function describeRange(least: number, most: number): string {
  if (most === Number.MAX_VALUE) return least === -Number.MAX_VALUE ? '' : `, at least ${least}`;
  return ` in ${least}..${most}`;
}

/** A value in a message: short and of one line, whatever it holds. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const json = JSON.stringify(typeof value === 'string' ? value.slice(0, SHOWN) : value);
  // JSON leaves DEL, C1 and the line separators as they are; a terminal may heed them.
  return json.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
