/** A piece of a text that is not read as lines. */
export interface Token {
  readonly kind: 'text' | 'number' | 'word' | 'mark';
  /** The string that a quoted text means; for other tokens what is written. */
  readonly value: string;
  readonly line: number;
}

/** Comments of JavaScript, and those of label maps and of Python. */
const COMMENTS = {
  slash: String.raw`\/\/[^\n]*|\/\*[^]*?\*\/`,
  hash: String.raw`#[^\n]*`,
} as const;

const REST = String.raw`(?<text>"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|${'`'}(?:[^${'`'}\\$]|\\[^]|\$(?!\{))*${'`'})|(?<number>-?\d+(?:\.\d+)?(?![\w$]))|(?<word>[\p{ID_Start}$_][\p{ID_Continue}$]*)|(?<mark>[[\]{}()=:;,.+<>|])`;

/**
 * Splits a text into its pieces, in one pass.
 *
 * @returns the number of the line where it has something else, which is code.
 */
export function readTokens(text: string, comments: keyof typeof COMMENTS): Token[] | number {
  const pattern = new RegExp(`(?<space>\\s+|${COMMENTS[comments]})|${REST}`, 'uy');
  const tokens: Token[] = [];
  let line = 1;
  while (pattern.lastIndex < text.length) {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) return line;
    const { space, text: quoted, number, word, mark } = groups;
    const meant = quoted === undefined ? null : unquote(quoted);
    if (quoted !== undefined && meant === null) return line;
    if (meant !== null) tokens.push({ kind: 'text', value: meant, line });
    else if (number !== undefined) tokens.push({ kind: 'number', value: number, line });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word, line });
    else if (mark !== undefined) tokens.push({ kind: 'mark', value: mark, line });
    line += (space ?? quoted ?? '').split('\n').length - 1;
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The string that a quoted text means; null for an escape that is not known. */
function unquote(quoted: string): string | null {
  let isKnown = true;
  const meant = quoted
    .slice(1, -1)
    .replace(
      /\\(?:u\{([\da-f]{1,6})\}|u([\da-f]{4})|x([\da-f]{2})|(\r?\n)|([^]))/giu,
      (_, wide?: string, four?: string, two?: string, end?: string, letter = '') => {
        const code = Number.parseInt(wide ?? four ?? two ?? '', 16);
        isKnown &&= !(code > 0x10ffff) && !/[ux\d]/i.test(letter);
        if (!isKnown || end !== undefined) return '';
        return Number.isNaN(code) ? (ESCAPES[letter] ?? letter) : String.fromCodePoint(code);
      },
    );
  return isKnown ? meant : null;
}
