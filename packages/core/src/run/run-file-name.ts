/** The folder in a run folder that holds every file named in the results. */
export const RUN_IMAGES_FOLDER = 'images';

/** The longest name that file systems accept. */
const MAX_NAME_BYTES = 255;

/**
 * Whether a string may name a file of a run folder: `images/<folder>/<file>`, three plain names.
 *
 * A plain name does not begin with a dot, so it is not `.`, `..` or hidden. It holds no control
 * character, no backslash and no colon, because Windows separates names by backslashes and names drives
 * and streams by colons. A run folder may come from anywhere, so names are checked here before any file
 * is opened.
 */
export function isRunFileName(name: string): boolean {
  const names = name.split('/');
  return names.length === 3 && names[0] === RUN_IMAGES_FOLDER && names.every(isPlainName);
}

function isPlainName(name: string): boolean {
  if (name === '' || name.startsWith('.') || /[\u0000-\u001f\u007f\\:]/.test(name)) return false;
  return name.length <= MAX_NAME_BYTES && byteLength(name) <= MAX_NAME_BYTES;
}

/**
 * The length in UTF-8. A lone surrogate is written as the replacement character, which takes three
 * bytes.
 */
function byteLength(name: string): number {
  let bytes = 0;
  for (const character of name) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
