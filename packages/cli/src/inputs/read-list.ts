import type { Readable } from 'node:stream';

/**
 * Reads a list of files and web addresses, one a line, or with a zero byte after each as `find -print0`
 * writes it. Lines of nothing but blanks are passed over; a carriage return before the end of a line and a byte
 * order mark before the first are not of the names.
 */
export async function readList(stream: Readable, isNullSeparated: boolean): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  if (isNullSeparated) return text.split('\0').filter((entry) => entry !== '');
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  return lines.filter((line) => line.trim() !== '');
}
