/** One axis of a view that is copied: its length, and its strides in the source and in the window. */
export interface CopiedAxis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The number of neighbours in the window that are copied together. Sixteen elements of four bytes fill one
 * line of a processor's cache, and as many places of the source stay in the cache.
 */
const TILE = 16;

type Elements = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/**
 * Copies elements from a piece of the source into the window.
 *
 * @param bytes the piece, which begins with the element of index 0 on every axis
 * @param start the place of that element in the window, counted in elements
 */
export function gatherElements(
  bytes: Uint8Array,
  window: Uint8Array,
  start: number,
  axes: readonly CopiedAxis[],
  elementBytes: number,
): void {
  const source = viewElements(bytes, elementBytes) as Uint32Array;
  const target = viewElements(window, elementBytes) as Uint32Array;
  const width = source.length / (bytes.byteLength / elementBytes);
  const units = width === 1 ? axes : widen(axes, width);
  const one: CopiedAxis = { size: 1, from: 0, to: 0 };
  const byTarget = [...units].sort((a, b) => a.to - b.to);
  const [near = one, ...others] = byTarget.filter(({ size }) => size > 1);
  const [run = one, ...outer] = others.sort((a, b) => a.from - b.from);
  for (let first = 0; first < near.size; first += TILE) {
    const count = Math.min(TILE, near.size - first);
    for (const place of listPlaces(outer)) {
      let from = place.from + first * near.from;
      let to = start * width + place.to + first * near.to;
      for (let index = 0; index < run.size; index++) {
        for (let k = 0; k < count; k++) target[to + k * near.to] = source[from + k * near.from]!;
        from += run.from;
        to += run.to;
      }
    }
  }
}

/** Every combination of indices on some axes, as places in the source and in the window. */
function* listPlaces(axes: readonly CopiedAxis[]): Generator<{ from: number; to: number }> {
  const [axis, ...rest] = axes;
  if (axis === undefined) {
    yield { from: 0, to: 0 };
    return;
  }
  for (let index = 0; index < axis.size; index++) {
    for (const { from, to } of listPlaces(rest)) {
      yield { from: from + index * axis.from, to: to + index * axis.to };
    }
  }
}

/** The same axes for elements that consist of `width` units. */
function widen(axes: readonly CopiedAxis[], width: number): CopiedAxis[] {
  const wide = axes.map(({ size, from, to }) => ({ size, from: from * width, to: to * width }));
  return [...wide, { size: width, from: 1, to: 1 }];
}

/** Views bytes as elements. Bytes that are not aligned are copied; the elements of 16 bytes are two units. */
function viewElements(bytes: Uint8Array, elementBytes: number): Elements {
  const unit = Math.min(elementBytes, 8);
  const { buffer, byteOffset, byteLength } = byteAligned(bytes, unit);
  switch (unit) {
    case 2:
      return new Uint16Array(buffer, byteOffset, byteLength / 2);
    case 4:
      return new Uint32Array(buffer, byteOffset, byteLength / 4);
    case 8:
      return new BigUint64Array(buffer, byteOffset, byteLength / 8);
    default:
      return new Uint8Array(buffer, byteOffset, byteLength);
  }
}

function byteAligned(bytes: Uint8Array, unit: number): Uint8Array {
  return bytes.byteOffset % unit === 0 ? bytes : new Uint8Array(bytes);
}
