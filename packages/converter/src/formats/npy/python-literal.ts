import { FormatError } from '../../errors.ts';

/** The Python literals that occur in a `.npy` header. */
export type PythonLiteral =
  string | number | boolean | null | readonly PythonLiteral[] | ReadonlyMap<string, PythonLiteral>;

const MAX_DEPTH = 16;

/**
 * Parses a Python literal of dicts, tuples, lists, strings, integers, True, False and None; nothing
 * is evaluated. Python 2 longs (`3L`) are integers.
 *
 * @throws FormatError with the place in the header
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  let offset = 0;

  function fail(expected: string): FormatError {
    const found = offset < text.length ? `'${text.slice(offset, offset + 12)}'` : 'the end';
    return new FormatError('npy', `header: expected ${expected}, found ${found}`, offset);
  }

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = offset;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    offset = pattern.lastIndex;
    return found[0];
  }

  function take(sign: string): boolean {
    match(/\s*/y);
    if (!text.startsWith(sign, offset)) return false;
    offset += sign.length;
    return true;
  }

  function parseItems(close: string, depth: number): PythonLiteral[] {
    const items: PythonLiteral[] = [];
    while (!take(close)) {
      items.push(parseValue(depth + 1));
      if (!take(',')) {
        if (take(close)) return items;
        throw fail(`',' or '${close}'`);
      }
    }
    return items;
  }

  function parseDict(depth: number): Map<string, PythonLiteral> {
    const dict = new Map<string, PythonLiteral>();
    while (!take('}')) {
      const key = parseValue(depth + 1);
      if (typeof key !== 'string') throw fail('a string key');
      if (!take(':')) throw fail("':'");
      dict.set(key, parseValue(depth + 1));
      if (!take(',')) {
        if (take('}')) return dict;
        throw fail("',' or '}'");
      }
    }
    return dict;
  }

  function parseValue(depth: number): PythonLiteral {
    if (depth > MAX_DEPTH) throw fail('less nesting');
    if (take('{')) return parseDict(depth);
    if (take('[')) return parseItems(']', depth);
    if (take('(')) return parseItems(')', depth);
    const quoted = match(/[bu]?(?:'[^'\\\n]*'|"[^"\\\n]*")/y);
    if (quoted !== undefined) return quoted.replace(/^[bu]?./, '').slice(0, -1);
    const number = match(/-?\d{1,20}L?/y);
    if (number !== undefined) return Number.parseInt(number, 10);
    const word = match(/True|False|None/y);
    if (word === undefined) throw fail('a value');
    return word === 'None' ? null : word === 'True';
  }

  const value = parseValue(0);
  match(/\s*/y);
  if (offset < text.length) throw fail('the end');
  return value;
}
