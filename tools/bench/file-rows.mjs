// @ts-check
import { computeGradCam, loadModel, resolveLayer } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { createEngine } from './create-engine.mjs';
import { drawInput } from './explanation-rows.mjs';
import { compareCosts, describeTimes, race } from './timing.mjs';

const opener = fileURLToPath(new URL('open-once.mjs', import.meta.url));

/** For files of at least this size, the cost of opening is also measured. */
const LARGE_BYTES = 90e6;

/** Number of openings of each kind. The one with the least CPU time counts. */
const OPENINGS = 5;

/**
 * Measures Grad-CAM of an ONNX file that PyTorch exported against ONNX Runtime running the untouched file in
 * the same process, and also what opening the file costs.
 *
 * @param {string} file
 * @param {{ rounds: number }} options
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureFile(file, { rounds }) {
  const net = path.basename(file);
  const model = await loadModel(openModelFolder(file), { engine: createEngine() });
  const bare = await ort.InferenceSession.create(file, {
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const { height, width } = model.input;
  const data = drawInput(height * width * 3).map((value) => value / 127);
  const image = model.network.inputs[0] ?? '';
  const { node, layer } = resolveLayer(model, 'auto');
  const inputs = { [image]: { shape: [1, height, width, 3], data } };
  const seeds = [{ score: /** @type {const} */ ('logit'), of: { rank: 0 } }];
  const relu = /** @type {const} */ ('plain');
  const picture = new ort.Tensor('float32', data, [1, 3, height, width]);
  const works = {
    forward: () => bare.run({ [bare.inputNames[0] ?? '']: picture }),
    async 'Grad-CAM'() {
      const found = await model.session.run({
        ...{ inputs, outputs: [node], gradient: { seeds, wrt: [node], relu } },
      });
      const [activations, gradients] = [found.outputs.get(node), found.gradients[0]?.get(node)];
      if (activations === undefined || gradients === undefined) throw new Error('asked for');
      if (activations.shape.length === 4) {
        computeGradCam({ activations: itemOf(activations), gradients: itemOf(gradients) });
      }
    },
    'at the input': () =>
      model.session.run({ inputs, outputs: [], gradient: { seeds, wrt: [image], relu } }),
  };
  const costs = await race(works, rounds);
  const detail = `${describeTimes(costs)}; at ${layer}`;
  yield {
    what: 'Grad-CAM / the untouched file in ONNX Runtime',
    net,
    ...compareCosts(costs['Grad-CAM'], costs.forward),
    target: '<= 1.05',
    detail,
  };
  yield {
    what: 'gradient at the input / the untouched file in ONNX Runtime',
    net,
    ...compareCosts(costs['at the input'], costs.forward),
    target: '<= 2.3',
    detail,
  };
  await bare.release();
  model.dispose();
  if (statSync(file).size >= LARGE_BYTES) yield* measureOpening(file, net, costs.forward.cpu);
}

/** @param {string} file @param {string} net @param {number} forward CPU time of a pass, in milliseconds */
function* measureOpening(file, net, forward) {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-bench-'));
  try {
    /** @param {string} way */
    const open = (way) => {
      const taken = Array.from({ length: way === 'kept' ? OPENINGS + 1 : OPENINGS }, () =>
        JSON.parse(
          execFileSync(process.execPath, [opener, file, way, folder], { encoding: 'utf8' }),
        ),
      );
      // The first opening that looks for kept data finds none and leaves it for the next.
      return taken.slice(way === 'kept' ? 1 : 0).sort((a, b) => a.cpu - b.cpu)[0];
    };
    const [runtime, plain, proved, kept] = ['runtime', 'plain', 'proved', 'kept'].map(open);
    yield {
      what: 'opening without the proof / ONNX Runtime opening the file',
      net,
      ...compareCosts(plain, runtime),
      target: '<= 1.5',
      detail: describeTimes({ plain, runtime }),
    };
    yield {
      what: 'opening with the proof, less two forward passes / ONNX Runtime opening the file',
      net,
      ratio: (proved.wall - 2 * forward) / runtime.wall,
      cpuRatio: (proved.cpu - 2 * forward) / runtime.cpu,
      target: '<= 3',
      detail: describeTimes({ proved, runtime }),
    };
    yield {
      what: 'opening again, with proof and graphs kept, CPU time',
      net,
      value: `${kept.cpu.toFixed(0)} ms`,
      target: '<= 200 ms',
      detail: describeTimes({ kept }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {import('@gradcam/core').NdArray} array */
function itemOf({ shape, data }) {
  return { shape: shape.slice(1), data };
}
