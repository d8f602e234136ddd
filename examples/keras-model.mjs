// Usage: node examples/keras-model.mjs <net.keras or net.h5> <image> <overlay.png>
// A model of Keras: its file is converted into a model folder once, then explained.
import { convertModel } from '@gradcam/converter/node';
import * as gradcam from '@gradcam/core/node';
import { writeFile } from 'node:fs/promises';

const [source, image, out] = process.argv.slice(2);
const model = source.replace(/\.(keras|h5)$/, '-tfjs');
await convertModel({ source, out: model });

// The file does not say how pixels become the input of the net; here they are divided by 255.
const overrides = { inputRange: '0..1' };
const picture = await gradcam.explain(image, { model, overrides });
const [{ target, layer, raw }] = picture.explanations;
console.log(`class ${target.index}, a map of ${raw.shape.join(' x ')} cells at layer ${layer}`);
console.log(raw.data.join(' '));
await writeFile(out, await gradcam.overlayPng(picture));
await gradcam.disposeModels();
