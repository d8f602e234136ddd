/**
 * The names along a request's path, decoded once; null where a name could mean anything but a plain entry of
 * a folder.
 *
 * The path is split before it is decoded: an encoded slash is part of a name, and none of our names has one.
 * Names that begin with a dot are refused, which includes `.`, `..` and hidden files. Backslashes and colons
 * are refused too: on Windows they separate names, and name drives and streams.
 *
 * @param path of the request, as it was sent, without its query.
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
