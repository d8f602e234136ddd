// @ts-check
/**
 * `node open-once.mjs <file.onnx> <way> <folder>`: opens an ONNX file in a separate process and prints the
 * time that this took, `{ wall, cpu }` in milliseconds. The ways are: `runtime`, ONNX Runtime by itself;
 * `plain`, which loads the model without comparing it with its file; `proved`, which compares; and `kept`,
 * which finds the proof and the graphs that the way before it left in the folder.
 */
import { loadModel } from '@gradcam/core';
import { createGraphStore, createProofStore, openModelFolder } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import path from 'node:path';
import * as ort from 'onnxruntime-node';

const [file = '', way = '', folder = ''] = process.argv.slice(2);
process.env['ORT_DISABLE_TELEMETRY'] ||= '1';

/** @type {Record<string, () => Promise<unknown>>} */
const ways = {
  runtime: () =>
    ort.InferenceSession.create(file, {
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    }),
  plain() {
    const engine = createOnnxEngine(ort);
    delete engine.runOnnxFile;
    return loadModel(openModelFolder(file), { engine });
  },
  proved: () => loadModel(openModelFolder(file), { engine: createOnnxEngine(ort) }),
  kept() {
    const store = createGraphStore({ folder: path.join(folder, 'graphs'), onNote: () => {} });
    const proofs = createProofStore(path.join(folder, 'proofs'));
    return loadModel(openModelFolder(file), { engine: createOnnxEngine(ort, { store }), proofs });
  },
};

const open = ways[way];
if (open === undefined) throw new Error(`way '${way}' is none of ${Object.keys(ways).join(', ')}`);
const start = performance.now();
const before = process.cpuUsage();
await open();
const { user, system } = process.cpuUsage(before);
const wall = performance.now() - start;
process.stdout.write(`${JSON.stringify({ wall, cpu: (user + system) / 1000 })}\n`);
process.exit(0);
