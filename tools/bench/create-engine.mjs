// @ts-check
import { createGraphStore, createScratchFolder } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import * as ort from 'onnxruntime-node';
import path from 'node:path';
import { baselineFolder } from './bare-forward.mjs';

/** Creates the engine as the command does. Its compiled graphs are kept beside the exported nets. */
export function createEngine() {
  return createOnnxEngine(ort, {
    scratch: () => createScratchFolder(),
    store: createGraphStore({
      folder: path.join(baselineFolder, 'graphs'),
      onNote: (text) => process.stderr.write(`${text}\n`),
    }),
  });
}
