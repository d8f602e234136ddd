// Usage: node explain-once.mjs main|worker|bare <model> <explained.onnx> <image> <seconds>
// Opens a session of ONNX Runtime and then stays alive for the given seconds. The session is opened by the
// library on the main thread (main), by the library in a worker (worker), or by the runtime alone (bare).
import { explain, loadModel } from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import * as ort from 'onnxruntime-node';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';

const [how, folder, file, picture, seconds] = process.argv.slice(2);
if (how === 'worker' && isMainThread) {
  new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
} else {
  if (how === 'bare') {
    await ort.InferenceSession.create(file);
  } else {
    // Even with two engines a warning must be printed only once.
    for (const engine of [createOnnxEngine(ort), createOnnxEngine(ort)]) {
      const model = await loadModel(openModelFolder(folder), { engine });
      await explain(model, await readImage(picture));
    }
  }
  await setTimeout(Number(seconds) * 1000);
}
