import { GradcamError } from '../../base/errors.ts';
import type { NdArray } from '../../base/nd-array.ts';
import { checkMap } from '../subject.ts';

/** Wang et al.: a window of 11 x 11 pixels with a Gaussian of 1.5 pixels, K1 = 0.01 and K2 = 0.03. */
const TAPS = 11;
const DEVIATION = 1.5;
const [K1, K2] = [0.01, 0.03];

/**
 * The structural similarity of two maps, SSIM: 1 for equal maps. It is the mean over all windows that lie
 * inside the map, as in TensorFlow's `tf.image.ssim`.
 *
 * @param a [height, width], both at least 11.
 * @param range the difference between the largest and the smallest value that maps may have; default 1.
 * @throws GradcamError `argument` for maps of different or too small sizes, and values that are not finite.
 * @see Wang et al. 2004, IEEE Transactions on Image Processing 13(4), section III.B and C
 */
export function structuralSimilarity(a: NdArray, b: NdArray, range = 1): number {
  checkMap(a);
  const [height, width] = a.shape as [number, number];
  checkMap(b, [height, width]);
  if (height < TAPS || width < TAPS) {
    throw new GradcamError(
      'argument',
      `SSIM: expected maps of at least ${TAPS} x ${TAPS} values, got ${height} x ${width}; enlarge them first`,
    );
  }
  const smooth = (value: (i: number) => number): Float64Array => {
    const values = Float64Array.from({ length: height * width }, (_, i) => value(i));
    return filterInside(values, height, width);
  };
  const [meanA, meanB] = [smooth((i) => a.data[i]!), smooth((i) => b.data[i]!)];
  const product = smooth((i) => a.data[i]! * b.data[i]!);
  const squares = smooth((i) => a.data[i]! ** 2 + b.data[i]! ** 2);
  const [c1, c2] = [(K1 * range) ** 2, (K2 * range) ** 2];
  let sum = 0;
  for (let i = 0; i < meanA.length; i++) {
    const means = 2 * meanA[i]! * meanB[i]!;
    const meanSquares = meanA[i]! ** 2 + meanB[i]! ** 2;
    const luminance = (means + c1) / (meanSquares + c1);
    const contrast = (2 * product[i]! - means + c2) / (squares[i]! - meanSquares + c2);
    sum += luminance * contrast;
  }
  return sum / meanA.length;
}

const window = gaussianWindow();

function gaussianWindow(): Float64Array {
  const middle = (TAPS - 1) / 2;
  const values = Float64Array.from({ length: TAPS }, (_, i) =>
    Math.exp(-0.5 * ((i - middle) / DEVIATION) ** 2),
  );
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

/** Weighted means of all windows inside: [height - 10, width - 10]. */
function filterInside(values: Float64Array, height: number, width: number): Float64Array {
  const [rows, columns] = [height - TAPS + 1, width - TAPS + 1];
  const across = new Float64Array(height * columns);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++) sum += window[tap]! * values[y * width + x + tap]!;
      across[y * columns + x] = sum;
    }
  }
  const result = new Float64Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let tap = 0; tap < TAPS; tap++) {
      for (let x = 0; x < columns; x++) {
        result[y * columns + x]! += window[tap]! * across[(y + tap) * columns + x]!;
      }
    }
  }
  return result;
}
