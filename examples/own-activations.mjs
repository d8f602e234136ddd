// Maps from activations and gradients that another program computed: no model, no engine.
import {
  computeGradCam,
  computeHiResCam,
  createDisplayMap,
  findPeak,
  fitImage,
} from '@gradcam/core';

// [rows, columns, channels], row by row: two rows, two columns, two channels.
const shape = [2, 2, 2];
const activations = { shape, data: Float32Array.of(0, 0, 4, 0, 31, 6, 40, 15) };
const gradients = { shape, data: Float32Array.of(1, 1, 1, -1, 1, -1, 1, -1) };

const gradCam = computeGradCam({ activations, gradients });
const hiResCam = computeHiResCam({ activations, gradients });
console.log('Grad-CAM', [...gradCam.data]);
console.log('HiResCAM', [...hiResCam.data]);

// Over a picture of 6 x 4 that was squashed into the model's input of 4 x 4.
const geometry = fitImage(
  { width: 6, height: 4 },
  { width: 4, height: 4, fit: 'squash', cropFraction: 1 },
);
const map = createDisplayMap(gradCam, true, geometry);
console.log('strongest at', findPeak(gradCam, geometry));
for (let y = 0; y < map.height; y++) {
  const row = map.values.subarray(y * map.width, (y + 1) * map.width);
  console.log(Array.from(row, (value) => value.toFixed(2)).join(' '));
}
