/** Longest message; names and values of hostile files may be megabytes. */
const MAX_MESSAGE = 1200;
/** What is kept of the end of a longer message, because the next step stands there. */
const MESSAGE_END = 400;

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text that stays on its line, moves no cursor and turns no direction of writing: control characters, line
 * and paragraph separators and marks of direction, all of which file names, labels and layer names may hold,
 * become escapes such as `\n` and `\u001b`.
 */
export function toPrintable(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) =>
      escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * An error's message as one printable line of at most 1,206 characters before escaping: `[..]` stands for the
 * rest.
 */
export function toOneLine(message: string): string {
  const cut =
    message.length <= MAX_MESSAGE
      ? message
      : `${message.slice(0, MAX_MESSAGE - MESSAGE_END)} [..] ${message.slice(-MESSAGE_END)}`;
  return toPrintable(cut);
}
