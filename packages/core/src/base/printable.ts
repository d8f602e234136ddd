/** Longest message in characters. Names and values in a hostile file may be megabytes long. */
const MAX_MESSAGE = 1200;
/** Characters kept from the end of a longer message, where the next step stands. */
const MESSAGE_END = 400;

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * The text as one line that cannot move a terminal's cursor or change the direction of writing: control
 * characters, line and paragraph separators and marks of direction, all of which the names of files, labels
 * and layers may hold, become escapes such as `\n` and `\u001b`.
 */
export function toPrintable(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) =>
      escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * A message as {@link toPrintable} writes it; `[..]` stands for the middle of a message above 1,200
 * characters.
 */
export function toOneLine(message: string): string {
  // Escapes are up to six times as long as what they stand for.
  return cutMiddle(toPrintable(cutMiddle(message)));
}

function cutMiddle(text: string): string {
  if (text.length <= MAX_MESSAGE) return text;
  return `${text.slice(0, MAX_MESSAGE - MESSAGE_END)} [..] ${text.slice(-MESSAGE_END)}`;
}
