import type { NdArray } from '../base/nd-array.ts';
import { createRandom } from '../base/random.ts';

/**
 * A map with its values at random places: the places of a grid [rows, columns] are permuted, and the
 * channels of a place stay together. It has the map's values, its sharpness and its share of zeros, and
 * knows nothing of the image, so that it says what those alone achieve.
 *
 * @param map [rows, columns] or [rows, columns, channels].
 * @param seed of the permutation (Fisher and Yates).
 */
export function shuffleMap({ shape, data }: NdArray, seed: number): NdArray {
  const [rows = 1, columns = 1, channels = 1] = shape;
  const random = createRandom(seed);
  const places = Uint32Array.from({ length: rows * columns }, (_, i) => i);
  for (let i = places.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [places[i], places[other]] = [places[other]!, places[i]!];
  }
  const shuffled = new Float32Array(data.length);
  places.forEach((place, i) => {
    for (let c = 0; c < channels; c++) shuffled[i * channels + c] = data[place * channels + c]!;
  });
  return { shape, data: shuffled };
}
