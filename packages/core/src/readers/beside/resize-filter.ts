import type { ResizeFilter } from '../../artifact/artifact.ts';

/** Pillow's filters in the order of the numbers that Hugging Face writes. */
const FILTERS: readonly string[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

const known: Readonly<Record<string, ResizeFilter>> = {
  bilinear: 'bilinear-antialias',
  bicubic: 'bicubic-antialias',
  lanczos: 'lanczos-antialias',
};

/**
 * The filter that a file asks for; an empty record where it names none.
 *
 * @param notUsed receives a line for a filter that is not available.
 */
export function readFilter(filter: unknown, notUsed: string[]): { resize?: ResizeFilter } {
  const name = typeof filter === 'number' ? (FILTERS[filter] ?? String(filter)) : filter;
  if (name === undefined || name === null) return {};
  const found = Object.hasOwn(known, String(name)) ? known[String(name)]! : null;
  if (found !== null) return { resize: found };
  notUsed.push(`${String(name).slice(0, 20)} resizing; images are resized bilinearly here`);
  return {};
}
