/** Folder of a run that all files of its lines lie in. */
export const RUN_IMAGES_FOLDER = 'images';

/** What file systems take as a name. */
const MAX_NAME_BYTES = 255;

/**
 * Whether a text of a run's file may name a file of the run: `images/<folder>/<file>`, three plain names.
 *
 * No name begins with a dot, so that none is `.` or `..` or hidden, and none holds a control character,
 * a backslash or a colon, which separate and name drives and streams on Windows. A run may come from
 * anywhere: this is asked before a name leads to any file.
 */
export function isRunFileName(name: string): boolean {
  const names = name.split('/');
  return names.length === 3 && names[0] === RUN_IMAGES_FOLDER && names.every(isPlainName);
}

function isPlainName(name: string): boolean {
  if (name === '' || name.startsWith('.') || /[\u0000-\u001f\u007f\\:]/.test(name)) return false;
  return name.length <= MAX_NAME_BYTES && byteLength(name) <= MAX_NAME_BYTES;
}

/** In UTF-8; a lone surrogate is written as the replacement character of three bytes. */
function byteLength(name: string): number {
  let bytes = 0;
  for (const character of name) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
