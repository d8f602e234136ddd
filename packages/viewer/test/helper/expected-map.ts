/**
 * What a map must look like, worked out from the bytes of its raw map by the formulas that the docs
 * state, without any code of the page or of core: half-pixel bilinear of the positive part, divided by
 * the largest, black to white.
 */
export interface ExpectedMap {
  /** 0..1 at a pixel of the image; null where the model did not see it. */
  valueAt(x: number, y: number): number | null;
}

/** The part of the image that the model saw, in pixels. */
export interface SeenPart {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * @param npy bytes of a `.npy` of little-endian float32 in C order: what follows its header are the
 *   values.
 */
export function expectMap(
  npy: Uint8Array,
  rows: number,
  columns: number,
  seen: SeenPart,
): ExpectedMap {
  const view = new DataView(npy.buffer, npy.byteOffset, npy.byteLength);
  const start = 10 + view.getUint16(8, true);
  const cells = Array.from({ length: rows * columns }, (_, i) =>
    Math.max(0, view.getFloat32(start + 4 * i, true)),
  );
  const largest = Math.max(...cells);
  const cell = (row: number, column: number): number =>
    cells[clamp(row, rows) * columns + clamp(column, columns)]!;
  return {
    valueAt(x, y) {
      const across = (x + 0.5 - seen.x) / seen.width;
      const down = (y + 0.5 - seen.y) / seen.height;
      if (across < 0 || across > 1 || down < 0 || down > 1) return null;
      const [column, row] = [across * columns - 0.5, down * rows - 0.5];
      const [left, top] = [Math.floor(column), Math.floor(row)];
      const [right, bottom] = [column - left, row - top];
      const upper = cell(top, left) * (1 - right) + cell(top, left + 1) * right;
      const lower = cell(top + 1, left) * (1 - right) + cell(top + 1, left + 1) * right;
      return largest === 0 ? 0 : (upper * (1 - bottom) + lower * bottom) / largest;
    },
  };
}

function clamp(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, index));
}
