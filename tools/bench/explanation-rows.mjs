// @ts-check
import {
  computeGradCam,
  computeGradCamPlusPlus,
  computeHiResCam,
  computeLayerCam,
  computeXGradCam,
  loadModel,
  resolveLayer,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { createEngine } from './create-engine.mjs';
import { createTfjsEngine } from '@gradcam/core/tfjs';
import { openBareForward } from './bare-forward.mjs';
import { openPeer } from './peer.mjs';
import { compareCosts, describeTimes, race } from './timing.mjs';

const formulas = [
  computeGradCam,
  computeGradCamPlusPlus,
  computeHiResCam,
  computeLayerCam,
  computeXGradCam,
];

/**
 * Measures explanations of one image against the bare forward pass and, if a Python with PyTorch is named,
 * against the way in which pytorch-grad-cam computes them.
 *
 * @param {string} net
 * @param {string} folder
 * @param {{ rounds: number, python: string | undefined }} options
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureExplanations(net, folder, { rounds, python }) {
  const model = await loadModel(openModelFolder(folder), {
    engine: createEngine(),
  });
  const { node } = resolveLayer(model, 'auto');
  const input = model.network.inputs[0] ?? '';
  const { height, width } = model.input;
  const data = drawInput(height * width * 3);
  const inputs = { [input]: { shape: [1, height, width, 3], data } };
  const seedsOf = (/** @type {number} */ classes) =>
    Array.from({ length: classes }, (_, rank) => ({
      score: /** @type {const} */ ('logit'),
      of: { rank },
    }));
  /** @param {number} classes @param {readonly (typeof computeGradCam)[]} methods */
  const explain = async (classes, methods) => {
    const gradient = {
      seeds: seedsOf(classes),
      wrt: [node],
      relu: /** @type {const} */ ('plain'),
    };
    const { outputs, gradients: ofSeeds } = await model.session.run({
      inputs,
      outputs: [node],
      gradient,
    });
    for (const found of ofSeeds) {
      const activations = itemOf(outputs.get(node));
      const gradients = itemOf(found.get(node));
      for (const compute of methods) compute({ activations, gradients });
    }
  };
  const guided = () => {
    const gradient = {
      seeds: seedsOf(1),
      wrt: [input],
      relu: /** @type {const} */ ('guided'),
    };
    return model.session.run({ inputs, outputs: [], gradient });
  };
  const bare = await openBareForward(net, model);
  const forward = () => bare.run(data, 1);
  const cam = () => explain(1, [computeGradCam]);

  const cams = await race({ forward, 'Grad-CAM': cam }, rounds);
  yield {
    what: 'Grad-CAM / bare forward',
    net,
    ...compareCosts(cams['Grad-CAM'], cams.forward),
    target: '<= 1.10',
    detail: `${describeTimes(cams)}; bare: ${bare.source}`,
  };
  const back = await race({ forward, guided }, rounds);
  yield {
    what: 'guided backprop / bare forward',
    net,
    ...compareCosts(back.guided, back.forward),
    target: '<= 2.3',
    detail: `${describeTimes(back)}; bare: ${bare.source}`,
  };
  const many = await race({ one: cam, fifteen: () => explain(3, formulas) }, rounds);
  yield {
    what: '5 CAM methods x 3 classes / one Grad-CAM',
    net,
    ...compareCosts(many.fifteen, many.one),
    target: '<= 1.3',
    detail: describeTimes(many),
  };
  await bare.release();

  if (python !== undefined && ['resnet_v1_50', 'vgg16'].includes(net)) {
    const peer = await openPeer(python, net);
    const works = {
      'Grad-CAM': cam,
      "peer's Grad-CAM": () => peer.run('grad-cam'),
      guided,
      "peer's guided": () => peer.run('guided'),
    };
    const times = await race(works, Math.ceil(rounds / 3), 2);
    peer.close();
    const detail = `${describeTimes(times)}; ${peer.version}`;
    yield {
      what: "Grad-CAM / pytorch-grad-cam's way",
      net,
      ...compareCosts(times['Grad-CAM'], times["peer's Grad-CAM"]),
      target: '<= 0.25',
      detail,
    };
    yield {
      what: "guided backprop / pytorch-grad-cam's way",
      net,
      ...compareCosts(times.guided, times["peer's guided"]),
      target: '<= 0.5',
      detail,
    };
  }
  model.dispose();

  const wasm = await loadModel(openModelFolder(folder), { engine: await createTfjsEngine() });
  const gradient = { seeds: seedsOf(1), wrt: [node], relu: /** @type {const} */ ('plain') };
  const slow = await race(
    { wasm: () => wasm.session.run({ inputs, outputs: [node], gradient }) },
    Math.min(3, rounds),
  );
  wasm.dispose();
  yield {
    what: 'Grad-CAM, tfjs wasm / ONNX Runtime',
    net,
    ...compareCosts(slow.wasm, cams['Grad-CAM']),
    detail: describeTimes({ ...slow, onnx: cams['Grad-CAM'] }),
  };
}

/**
 * Values that are distributed like those of a picture after its mean is subtracted.
 *
 * @param {number} length
 */
export function drawInput(length) {
  return Float32Array.from({ length }, (_, i) => ((i * 7919) % 255) - 127);
}

/** @param {import('@gradcam/core').NdArray | undefined} array */
function itemOf(array) {
  if (array === undefined) throw new Error('the layer was asked for');
  return { shape: array.shape.slice(1), data: array.data };
}
