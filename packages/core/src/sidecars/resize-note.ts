/** Pillow's filters by the numbers that Hugging Face writes. */
const FILTERS: readonly string[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** Images are resized bilinearly with antialiasing here, as Pillow's own `bilinear` does; a line where not. */
export function noteResize(filter: unknown): string[] {
  const name = typeof filter === 'number' ? (FILTERS[filter] ?? String(filter)) : filter;
  if (name === undefined || name === null || name === 'bilinear') return [];
  return [`${String(name).slice(0, 20)} resizing; images are resized bilinearly here`];
}
