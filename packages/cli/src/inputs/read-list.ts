import type { Readable } from 'node:stream';

/**
 * Reads a list of files and web addresses, one a line, or with a zero byte after each as `find -print0`
 * writes it. Empty lines are passed over; a carriage return before the end of a line is not of the name.
 */
export async function readList(stream: Readable, isNullSeparated: boolean): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const entries = isNullSeparated ? text.split('\0') : text.split(/\r?\n/);
  return entries.filter((entry) => entry !== '');
}
