/**
 * A text with its first word capitalised, where that word has only small letters: `tiger cat` becomes
 * `Tiger cat`, and `iPhone` and `n02108089` stay, because their spelling means something.
 */
export function capitalise(text: string): string {
  return text.replace(
    /^\p{Ll}+(?![^\s,])/u,
    (word) => word.charAt(0).toUpperCase() + word.slice(1),
  );
}
