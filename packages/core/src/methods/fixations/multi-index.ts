/** Place of an element on each axis of a shape, in row-major order. */
export function placeOf(index: number, shape: readonly number[]): number[] {
  const place = new Array<number>(shape.length);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return place;
}

/** Index of the element at a place. */
export function indexAt(place: readonly number[], shape: readonly number[]): number {
  return shape.reduce((index, size, axis) => index * size + place[axis]!, 0);
}

/** Index of the element of an input that is repeated to the element at a place of the whole shape. */
export function broadcastIndex(
  index: number,
  shape: readonly number[],
  inputShape: readonly number[],
): number {
  const place = placeOf(index, shape).slice(shape.length - inputShape.length);
  return indexAt(
    place.map((at, axis) => (inputShape[axis] === 1 ? 0 : at)),
    inputShape,
  );
}
