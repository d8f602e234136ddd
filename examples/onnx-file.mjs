// Usage: node examples/onnx-file.mjs <net.onnx> <image> <method> <overlay.png>
// An ONNX file, such as torch.onnx.export writes, by any method of docs/methods.md.
import * as gradcam from '@gradcam/core/node';
import { writeFile } from 'node:fs/promises';

const [model, image, method, out] = process.argv.slice(2);
// What a file of PyTorch does not say: how pixels become its input. These are the values of ImageNet.
const overrides = { inputRange: '0..1', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const picture = await gradcam.explain(image, { model, methods: [method], overrides });
const [{ target, layer, score }] = picture.explanations;
console.log(`class ${target.index} with logit ${score.toFixed(3)}, explained at ${layer}`);
await writeFile(out, await gradcam.overlayPng(picture));
await gradcam.disposeModels();
