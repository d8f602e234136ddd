/**
 * Writes the input seen through a mask: `mask * input + (1 - mask) * hidden` at each pixel, for all
 * channels alike.
 *
 * Nested loops over pixels and channels: computing the pixel of each value by a division took as long as
 * all the rest, and a method makes one such image for each mask.
 *
 * @param item receives the result, [height, width, channels] like `input` and `hidden`.
 * @param mask [height, width], 1 where the input is visible.
 */
export function showThrough(
  item: Float32Array,
  mask: ArrayLike<number>,
  input: Float32Array,
  hidden: Float32Array,
): void {
  const channels = item.length / mask.length;
  if (channels === 3) {
    showColours(item, mask, input, hidden);
    return;
  }
  let j = 0;
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const share = mask[pixel]!;
    const rest = 1 - share;
    for (let channel = 0; channel < channels; channel++, j++) {
      item[j] = share * input[j]! + rest * hidden[j]!;
    }
  }
}

/** The same for three channels; unrolled, it takes three quarters of the time. */
function showColours(
  item: Float32Array,
  mask: ArrayLike<number>,
  input: Float32Array,
  hidden: Float32Array,
): void {
  for (let pixel = 0, j = 0; pixel < mask.length; pixel++, j += 3) {
    const share = mask[pixel]!;
    const rest = 1 - share;
    item[j] = share * input[j]! + rest * hidden[j]!;
    item[j + 1] = share * input[j + 1]! + rest * hidden[j + 1]!;
    item[j + 2] = share * input[j + 2]! + rest * hidden[j + 2]!;
  }
}
