/**
 * The input seen through a mask: `mask * input + (1 - mask) * hidden` at each pixel, all channels alike.
 *
 * Plain loops over pixels and channels: a division for the pixel of each value took as long as the rest,
 * and there is one such image for each run of the model.
 *
 * @param item what is filled, [height, width, channels] as `input` and `hidden`.
 * @param mask [height, width], 1 where the input shows.
 */
export function showThrough(
  item: Float32Array,
  mask: ArrayLike<number>,
  input: Float32Array,
  hidden: Float32Array,
): void {
  const channels = item.length / mask.length;
  let j = 0;
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const share = mask[pixel]!;
    const rest = 1 - share;
    for (let channel = 0; channel < channels; channel++, j++) {
      item[j] = share * input[j]! + rest * hidden[j]!;
    }
  }
}
