/** What stands below a saved picture. */
export interface Legend {
  /** Each line continues in the next one where it is too long. */
  readonly lines: readonly string[];
  /** RGBA colours of a bar one pixel high, from the lowest value to the highest; null for no bar. */
  readonly bar: ImageData | null;
  /** The texts at the ends of the bar. */
  readonly ends: readonly [from: string, to: string];
}

/**
 * Height of letters in pixels for a width: 12 up to 660 pixels, and larger in proportion in a wider
 * picture.
 */
function fontSizeFor(width: number): number {
  return Math.max(12, Math.round(width / 55));
}

/** A narrower picture is padded on the right, since a line of text needs this width. */
const MIN_WIDTH = 160;

/**
 * Draws a legend below a picture, on white and in the typeface of the reader's system, and changes no
 * pixel of it.
 */
export function addLegend(
  picture: HTMLCanvasElement,
  { lines, bar, ends }: Legend,
): HTMLCanvasElement {
  const width = Math.max(picture.width, MIN_WIDTH);
  const size = fontSizeFor(width);
  const [gap, step] = [Math.round(size / 2), Math.round(size * 1.3)];
  const canvas = document.createElement('canvas');
  canvas.width = width;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser provides no 2d canvas');
  const font = `${size}px system-ui, sans-serif`;
  context.font = font;
  const rows = lines.flatMap((line) =>
    wrapText(line, width - 2 * gap, (text) => context.measureText(text).width),
  );
  const barHeight = bar === null ? 0 : size + step + gap;
  canvas.height = picture.height + gap + rows.length * step + gap + barHeight;
  // A new height clears the canvas and its settings.
  context.font = font;
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0);
  context.fillStyle = 'black';
  context.textBaseline = 'top';
  rows.forEach((row, i) => context.fillText(row, gap, picture.height + gap + i * step));
  if (bar === null) return canvas;
  const top = picture.height + gap + rows.length * step;
  const strip = document.createElement('canvas');
  [strip.width, strip.height] = [bar.width, 1];
  strip.getContext('2d')?.putImageData(bar, 0, 0);
  // Every pixel of the bar is a colour of the map.
  context.imageSmoothingEnabled = false;
  context.drawImage(strip, gap, top, width - 2 * gap, size);
  context.fillText(ends[0], gap, top + size + 2);
  context.textAlign = 'right';
  context.fillText(ends[1], width - gap, top + size + 2);
  return canvas;
}

/** Breaks a text at spaces into lines of at most a width; a longer word stays whole. */
export function wrapText(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
