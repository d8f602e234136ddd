import type { Geometry, NdArray, ResultExplanation, ResultLine } from '@gradcam/core';

/**
 * How an image and the grid of its map lie over each other: as the line states it, or, of a run that
 * was made before lines did, recovered.
 *
 * @param raw [rows, columns]
 */
export function geometryOf(
  line: Pick<ResultLine, 'width' | 'height' | 'view'>,
  explanation: Pick<ResultExplanation, 'peak' | 'diagnostics'>,
  raw: NdArray,
): Geometry {
  const { width, height, view } = line;
  if (view === undefined) return recoverGeometry(line, explanation, raw);
  const [rows, columns] = raw.shape as [number, number];
  // Maps are drawn from image and view alone.
  return { image: { width, height }, input: { width: columns, height: rows }, view };
}

/**
 * How an image and the grid of its map lie over each other, from what a result line says: the peak
 * is the centre of the raw map's largest cell, and the cells' size is among the diagnostics.
 *
 * @param raw [rows, columns]
 */
export function recoverGeometry(
  line: Pick<ResultLine, 'width' | 'height'>,
  { peak, diagnostics }: Pick<ResultExplanation, 'peak' | 'diagnostics'>,
  raw: NdArray,
): Geometry {
  const [rows, columns] = raw.shape as [number, number];
  const [cellWidth, cellHeight] = diagnostics.cellSize;
  const largest = indexOfLargest(raw.data);
  const [row, column] = [Math.floor(largest / columns), largest % columns];
  return {
    image: { width: line.width, height: line.height },
    // Maps are drawn from image and view alone; the model's input size is not in the line.
    input: { width: columns, height: rows },
    view: {
      x: withoutNoise(peak.x - (column + 0.5) * cellWidth),
      y: withoutNoise(peak.y - (row + 0.5) * cellHeight),
      width: cellWidth * columns,
      height: cellHeight * rows,
    },
  };
}

/** The same geometry for the image at another size. */
export function scaleGeometry({ image, input, view }: Geometry, scale: number): Geometry {
  return {
    image: {
      width: Math.max(1, Math.round(image.width * scale)),
      height: Math.max(1, Math.round(image.height * scale)),
    },
    input,
    view: {
      x: view.x * scale,
      y: view.y * scale,
      width: view.width * scale,
      height: view.height * scale,
    },
  };
}

/** Crops begin at whole pixels, bars at halves: what differs by a rounding error is one of these. */
function withoutNoise(value: number): number {
  const half = Math.round(value * 2) / 2;
  return Math.abs(value - half) < 1e-6 ? half : value;
}

/** The first of the largest, row by row, as the peak is defined. */
function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
