const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text that stays on its line and moves no cursor: control characters (C0, DEL, C1) and the line and
 * paragraph separators, which file names, labels and layer names may hold, are written as escapes.
 */
export function toPrintable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) =>
      names[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
