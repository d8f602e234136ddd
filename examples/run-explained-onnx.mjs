// Usage: node examples/run-explained-onnx.mjs <explained.onnx> <image> <heatmap.png>
// Runs what `gradcam export` wrote; nothing of this library is needed.
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';

// Without it the runtime reports the use of the model to its vendor.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

const [file, picture, out] = process.argv.slice(2);
const session = await ort.InferenceSession.create(file);
const [, height, width] = session.inputMetadata[0].shape;

// Any resize will do: the preprocessing itself is inside of the file.
const pixels = await sharp(picture)
  .removeAlpha()
  .resize(width, height, { fit: 'fill' })
  .raw()
  .toBuffer();
const image = new ort.Tensor('float32', Float32Array.from(pixels), [1, height, width, 3]);
const { class: index, probabilities, raw, heatmap } = await session.run({ image });

const best = Number(index.data[0]);
console.log(`class ${best}, probability ${probabilities.data[best].toFixed(3)}`);
console.log(`raw map ${raw.dims.slice(1).join(' x ')}, heatmap ${width} x ${height}`);
const grays = Uint8Array.from(heatmap.data, (value) => Math.round(value * 255));
await sharp(grays, { raw: { width, height, channels: 1 } })
  .png()
  .toFile(out);
