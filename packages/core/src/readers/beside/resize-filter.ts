import type { ResizeFilter } from '../../artifact/artifact.ts';

/** Pillow's filters by the numbers that Hugging Face writes. */
const FILTERS: readonly string[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

const known: Readonly<Record<string, ResizeFilter>> = {
  bilinear: 'bilinear-antialias',
  bicubic: 'bicubic-antialias',
  lanczos: 'lanczos-antialias',
};

/**
 * The filter that a file asks for: nothing where it says none.
 *
 * @param notUsed gets a line for one that is not known here.
 */
export function readFilter(filter: unknown, notUsed: string[]): { resize?: ResizeFilter } {
  const name = typeof filter === 'number' ? (FILTERS[filter] ?? String(filter)) : filter;
  if (name === undefined || name === null) return {};
  const found = Object.hasOwn(known, String(name)) ? known[String(name)]! : null;
  if (found !== null) return { resize: found };
  notUsed.push(`${String(name).slice(0, 20)} resizing; images are resized bilinearly here`);
  return {};
}
