// @ts-check
/**
 * Grad-CAM before its ReLU in float64, and the largest sum of its terms' magnitudes over the cells, by which
 * errors of maps are divided.
 *
 * @param {ArrayLike<number>} activation [rows, columns, channels]
 * @param {ArrayLike<number>} gradient of the same shape
 * @param {number} channels
 */
export function gradCam(activation, gradient, channels) {
  const cells = activation.length / channels;
  const weights = new Float64Array(channels);
  for (let i = 0; i < gradient.length; i++) weights[i % channels] += gradient[i] / cells;
  const map = new Float64Array(cells);
  let scale = 0;
  for (let cell = 0; cell < cells; cell++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) {
      const term = weights[c] * activation[cell * channels + c];
      map[cell] += term;
      sum += Math.abs(term);
    }
    scale = Math.max(scale, sum);
  }
  return { map, scale };
}
