import type { Rle } from '../../run/result-line.ts';
import type { Mask } from './mask.ts';

/**
 * Packs a mask as COCO's compressed run lengths. The pixels are read column by column, as alternating runs
 * of 0 and 1; the first run is of 0 and may be empty. From the fourth run on, the difference from the
 * length of the run two before is written. Each number is split into groups of 5 bits, the lowest first. A
 * sixth bit marks that another group follows. The character of a group has the code 48 plus its value.
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
    // The highest bit of the last group is the sign, so a group is last when the rest only repeats it.
    more = (group & 0x10) !== 0 ? rest !== -1 : rest !== 0;
    packed += String.fromCharCode((more ? group | 0x20 : group) + 48);
  }
  return packed;
}
