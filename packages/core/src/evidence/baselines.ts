import { GradcamError } from '../base/errors.ts';
import type { NdArray } from '../base/nd-array.ts';
import { imageSize } from '../methods/passes/batched-runs.ts';

/**
 * A Gaussian blob in the middle of the input. It is the best guess about a photograph without a model,
 * because people put their subject in the middle.
 *
 * @param deviation standard deviation along each axis, as a share of that axis; default a quarter.
 * @returns [height, width], at most 1.
 * @throws GradcamError `argument` for a deviation that is not above 0.
 */
export function centreBlob(
  [height, width]: readonly [height: number, width: number],
  deviation = 0.25,
): NdArray {
  if (!(deviation > 0 && Number.isFinite(deviation))) {
    throw new GradcamError('argument', `deviation: expected a share above 0, got ${deviation}`);
  }
  const data = Float32Array.from({ length: height * width }, (_, i) => {
    const y = ((Math.floor(i / width) + 0.5) / height - 0.5) / deviation;
    const x = (((i % width) + 0.5) / width - 0.5) / deviation;
    return Math.exp(-(x * x + y * y) / 2);
  });
  return { shape: [height, width], data };
}

/**
 * The input's own edges: the length of Sobel's gradient of the mean of the channels, the border repeated. A
 * map that is no better than this may be a picture of edges and no explanation.
 *
 * @param input [1, height, width, channels].
 * @returns [height, width]
 * @see Adebayo et al. 2018, arXiv 1810.03292, section 4
 */
export function inputEdges(input: NdArray): NdArray {
  const [height, width, channels] = imageSize(input);
  const gray = new Float64Array(height * width);
  input.data.forEach((value, i) => (gray[Math.floor(i / channels)]! += value / channels));
  const inside = (place: number, size: number): number => Math.min(size - 1, Math.max(0, place));
  const at = (y: number, x: number): number => gray[inside(y, height) * width + inside(x, width)]!;
  const data = Float32Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    let [across, down] = [0, 0];
    for (const step of [-1, 0, 1]) {
      const weight = step === 0 ? 2 : 1;
      across += weight * (at(y + step, x + 1) - at(y + step, x - 1));
      down += weight * (at(y + 1, x + step) - at(y - 1, x + step));
    }
    return Math.hypot(across, down);
  });
  return { shape: [height, width], data };
}
