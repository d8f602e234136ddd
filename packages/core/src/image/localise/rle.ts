import type { Rle } from '../../run/run.ts';
import type { Mask } from './mask.ts';

/**
 * Packs a mask as COCO's compressed run lengths: pixels column by column, runs of 0 and of 1 in turn,
 * the first of 0 and maybe empty. From the fourth on, a run is written as its difference from the one
 * two before. Each number is cut into groups of 5 bits, the lowest first, with a sixth bit where
 * more follow, and each group is the character 48 above it.
 *
 * @see the MS COCO API's `common/maskApi.c`, rleEncode and rleToString
 */
export function encodeRle(mask: Mask): Rle {
  const runs = listRuns(mask);
  const counts = runs.map((run, i) => packNumber(i > 2 ? run - runs[i - 2]! : run)).join('');
  return { size: [mask.height, mask.width], counts };
}

function listRuns({ width, height, data }: Mask): number[] {
  const runs: number[] = [];
  let [value, length] = [0, 0];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (data[y * width + x] !== value) {
        runs.push(length);
        [value, length] = [1 - value, 0];
      }
      length += 1;
    }
  }
  return [...runs, length];
}

function packNumber(number: number): string {
  let packed = '';
  for (let rest = number, more = true; more;) {
    const group = rest & 0x1f;
    rest >>= 5;
    // The highest bit of the last group is the sign.
    more = (group & 0x10) !== 0 ? rest !== -1 : rest !== 0;
    packed += String.fromCharCode((more ? group | 0x20 : group) + 48);
  }
  return packed;
}
