/**
 * Splits a request's path into names and decodes each once. The result is null if a name could mean anything
 * except a plain entry of a folder.
 *
 * The path is split before it is decoded, so an encoded slash becomes part of a name, and no name that is
 * served contains one. Names that begin with a dot are refused, which includes `.`, `..` and hidden files.
 * Backslashes and colons are refused too, because on Windows they separate names, and mark drives and
 * streams.
 *
 * @param path the request's path as it was sent, without its query.
 */
export function splitRequestPath(path: string): string[] | null {
  if (!path.startsWith('/')) return null;
  const names = path.slice(1).split('/').map(decodeOnce);
  const isPlain = (name: string | null): name is string =>
    name !== null && name !== '' && !name.startsWith('.') && !/[\x00-\x1f\x7f/\\:]/.test(name);
  return names.every(isPlain) ? names : null;
}

function decodeOnce(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
