// @ts-check
import { loadModel, resolveLayer } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { createTfjsEngine } from '@gradcam/core/tfjs';
import * as ort from 'onnxruntime-node';

/**
 * Explanations against the bare forward run: the same net compiled with the logits as its only
 * output. Rounds take turns, so that a busy moment of the machine hits all alike; medians are compared.
 *
 * @param {string} net
 * @param {string} folder
 * @param {number} rounds
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureExplanations(net, folder, rounds) {
  const onnx = await loadModel(openModelFolder(folder), { engine: createOnnxEngine(ort) });
  const { node } = resolveLayer(onnx, 'auto');
  const input = onnx.network.inputs[0] ?? '';
  const { height, width } = onnx.input;
  const data = Float32Array.from(
    { length: height * width * 3 },
    (_, i) => ((i * 7919) % 255) - 127,
  );
  const inputs = { [input]: { shape: [1, height, width, 3], data } };
  const seed = /** @type {const} */ ({ score: 'logit', of: { rank: 0 } });
  /** @param {string[]} wrt @param {'plain' | 'guided'} relu @param {number} classes */
  const request = (wrt, relu, classes = 1) => ({
    inputs,
    outputs: wrt.filter((name) => name !== input),
    gradient: {
      seeds: Array.from({ length: classes }, (_, rank) => ({ ...seed, of: { rank } })),
      wrt,
      relu,
    },
  });

  const forward = { inputs, outputs: [] };
  const cam = await compare(onnx.session, [forward, request([node], 'plain')], rounds);
  const detail = describe(['forward', 'Grad-CAM'], cam);
  yield { what: 'Grad-CAM / bare forward', net, ratio: cam[1] / cam[0], target: '<= 1.10', detail };

  const three = await compare(
    onnx.session,
    [request([node], 'plain'), request([node], 'plain', 3)],
    rounds,
  );
  yield {
    what: 'gradients for 3 classes / one',
    net,
    ratio: three[1] / three[0],
    target: '<= 1.3',
    detail: describe(['one', 'three'], three),
  };

  const guided = await compare(onnx.session, [forward, request([input], 'guided')], rounds);
  yield {
    what: 'guided backprop / bare forward',
    net,
    ratio: guided[1] / guided[0],
    target: '<= 2.3',
    detail: describe(['forward', 'guided'], guided),
  };
  onnx.dispose();

  const wasm = await loadModel(openModelFolder(folder), { engine: await createTfjsEngine() });
  const slow = await compare(wasm.session, [request([node], 'plain')], Math.min(3, rounds));
  wasm.dispose();
  yield {
    what: 'Grad-CAM, tfjs wasm / ONNX Runtime',
    net,
    ratio: slow[0] / cam[1],
    detail: describe(['wasm', 'onnx'], [slow[0], cam[1]]),
  };
}

/**
 * @param {import('@gradcam/core').Session} session
 * @param {import('@gradcam/core').RunRequest[]} requests
 * @param {number} rounds
 * @returns {Promise<number[]>} median milliseconds of each
 */
async function compare(session, requests, rounds) {
  const times = requests.map(() => /** @type {number[]} */ ([]));
  // The first run of each compiles; it is not counted.
  for (let round = -1; round < rounds; round++) {
    for (const [i, request] of requests.entries()) {
      const start = performance.now();
      await session.run(request);
      if (round >= 0) times[i].push(performance.now() - start);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]);
}

/** @param {string[]} names @param {number[]} times */
function describe(names, times) {
  return names.map((name, i) => `${name} ${times[i].toFixed(1)} ms`).join(', ');
}
