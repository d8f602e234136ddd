/** A half-open part of a file, in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the part of a file that a `Range` header asks for. With it the page reads only the lines that were
 * added to the results since it last looked.
 *
 * It accepts `bytes=N-` and `bytes=N-M`. Any other range is answered with the whole file, which the standard
 * permits.
 *
 * @returns null for the whole file.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | null {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  if (match === null) return null;
  const start = Number(match[1]);
  const last = match[2] === '' ? Infinity : Number(match[2]);
  if (last < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(size, last + 1) };
}
