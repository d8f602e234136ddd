import type { NdArray } from '../base/nd-array.ts';
import { aboveNothing } from '../image/above-nothing.ts';
import { createDisplayMap } from '../image/display-map.ts';
import { mergeChannels } from '../image/pixel-map.ts';

/**
 * The displayed map of an explanation at the size of the model's input, as metrics of faithfulness take it:
 * the same steps as `displayMapOf`, without the way back to the original image. Pixels on the bars of a
 * letterbox keep their values, since the model saw those bars.
 *
 * @param explanation its raw map, as `explain` returns it.
 * @returns [height, width], at most 1.
 */
export function inputMapOf(
  {
    raw,
    relu,
    nothing,
  }: {
    readonly raw: NdArray;
    readonly relu: boolean;
    readonly nothing?: number | undefined;
  },
  [height, width]: readonly [height: number, width: number],
): NdArray {
  const size = { width, height };
  const geometry = { image: size, input: size, view: { x: 0, y: 0, ...size } };
  const { values } = createDisplayMap(mergeChannels(aboveNothing(raw, nothing)), relu, geometry);
  return { shape: [height, width], data: values };
}
