import { lstat, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

/**
 * The names along a request's path, decoded once; null where one of them could mean anything but a
 * plain entry of a folder.
 *
 * Split before decoding: an encoded slash is part of a name, and no name of ours has one. Names that
 * begin with a dot are refused, which takes `.`, `..` and hidden files; so are backslashes and colons,
 * which separate and name drives and streams on Windows.
 *
 * @param path of the request, as sent, without its query.
 */
export function splitRequestPath(path: string): string[] | null {
  if (!path.startsWith('/')) return null;
  const names = path.slice(1).split('/').map(decodeOnce);
  const isPlain = (name: string | null): name is string =>
    name !== null && name !== '' && !name.startsWith('.') && !/[\x00-\x1f\x7f/\\:]/.test(name);
  return names.every(isPlain) ? names : null;
}

/**
 * The real path of a plain file inside a folder; null where there is none, and for a link that
 * leads out of the folder.
 */
export async function findFileInside(
  folder: string,
  names: readonly string[],
): Promise<string | null> {
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, ...names));
    const isInside = file.startsWith(root.endsWith(sep) ? root : root + sep);
    return isInside && (await lstat(file)).isFile() ? file : null;
  } catch {
    return null;
  }
}

function decodeOnce(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
