import { GradcamError } from '../../base/errors.ts';
import { readTokens, type Token } from './label-tokens.ts';

/** What may stand before the list, with the tokens joined by spaces: a declaration or an assignment. */
const BEFORE =
  /^(?:(?:export )?(?:const|let|var) [\w$]+ (?:: [\w$ .[\],:{}<>|]+ )?= |export default |(?:[\w$]+ \. )*[\w$]+ = )$/;

/** What may stand behind it: statements that give the same value to others under a name. */
const BEHIND =
  /^(?:as const )?(?:; )*(?:(?:export default [\w$]+ |export \{ [\w$ ,]+\} |(?:[\w$]+ \. )*[\w$]+ = (?:[\w$]+ |\{ [\w$ ,:]+\} ))(?:; )*)*$/;

const BEGINNING =
  /^(?:export\s+default\b|(?:export\s+)?(?:const|let|var)\s+[\w$]+\s*[:=]|(?:module|window|self|globalThis)\s*\.|exports\s*[.=])/;

/** Whether a text is a script of JavaScript or TypeScript that begins with a list's name. */
export function isLabelScript(text: string): boolean {
  const before = /^(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/|"use strict";?|'use strict';?)+/;
  return BEGINNING.test(text.replace(before, ''));
}

/**
 * The one list or object that a script defines, without running it: brackets with strings, numbers, and
 * strings joined by `+`. Around it may stand a declaration, an assignment, and exports of its name.
 *
 * @throws GradcamError `argument` naming the line, for anything else, which would have to be run.
 */
export function readLabelScript(text: string): unknown {
  const all = tokensOf(text, 'slash');
  const isStrict = all[0]?.kind === 'text' && all[0].value === 'use strict';
  const tokens = isStrict ? all.slice(all[1]?.value === ';' ? 2 : 1) : all;
  const begin = tokens.findIndex(
    (token, i) => isMark(token, '[{') && /^(?:=|default)$/.test(tokens[i - 1]?.value ?? ''),
  );
  if (begin < 0 || !BEFORE.test(joinTokens(tokens.slice(0, begin)))) refuse(tokens[0]?.line ?? 1);
  const end = findEnd(tokens, begin);
  const behind = tokens.slice(end);
  if (!BEHIND.test(joinTokens(behind))) {
    refuse(behind.find((token) => !isMark(token, ';'))?.line ?? 1);
  }
  return readValue(tokens.slice(begin, end));
}

/**
 * A list or object in the notation of JavaScript or Python: with quotes of any kind, keys without quotes,
 * and a comma behind the last value.
 *
 * @throws GradcamError `argument` naming the line, for anything else.
 */
export function readLabelLiteral(text: string): unknown {
  return readValue(tokensOf(text, 'hash'));
}

function tokensOf(text: string, comments: 'slash' | 'hash'): readonly Token[] {
  const tokens = readTokens(text, comments);
  return typeof tokens === 'number' ? refuse(tokens) : tokens;
}

function isMark(token: Token | undefined, marks: string): boolean {
  return token?.kind === 'mark' && marks.includes(token.value);
}

function joinTokens(tokens: readonly Token[]): string {
  return tokens.map(({ kind, value }) => (kind === 'text' ? '" ' : `${value} `)).join('');
}

/** The place behind the bracket that closes the one at `begin`. */
function findEnd(tokens: readonly Token[], begin: number): number {
  let depth = 0;
  for (let i = begin; i < tokens.length; i++) {
    if (isMark(tokens[i], '[{')) depth++;
    if (isMark(tokens[i], ']}')) depth--;
    if (depth === 0) return i + 1;
  }
  return refuse(tokens[begin]!.line);
}

/** Writes a list or object as JSON and parses that, so that the name of a field never has a meaning. */
function readValue(tokens: readonly Token[]): unknown {
  const json: string[] = [];
  tokens.forEach((token, i) => {
    const [before, next] = [tokens[i - 1], tokens[i + 1]];
    const { kind, value, line } = token;
    const isKey = isMark(next, ':');
    if (kind === 'text' && isMark(before, '+')) {
      json.push(JSON.stringify((JSON.parse(json.pop()!) as string) + value));
    } else if (kind === 'text' || (isKey && kind !== 'mark')) json.push(JSON.stringify(value));
    else if (kind === 'number') json.push(value);
    else if (isMark(token, '+') && before?.kind === 'text' && next?.kind === 'text') return;
    else if (isMark(token, ',') && isMark(next, ']}')) return;
    else if (isMark(token, '[]{},:')) json.push(value);
    else refuse(line);
  });
  try {
    return JSON.parse(json.join(''));
  } catch {
    return refuse(tokens[0]?.line ?? 1);
  }
}

function refuse(line: number): never {
  throw new GradcamError(
    'argument',
    `labels: line ${line} is more than one list or object of names, and code is not run; keep the list alone in the file, or give the names as lines of a text file`,
  );
}
