// @ts-check
/** Runs a model at a layer and returns the arrays from which the methods compute their maps. */
import {
  computeGradCam,
  computeGradCamPlusPlus,
  computeHiResCam,
  computeLayerCam,
  computeXGradCam,
} from '@gradcam/core';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { createTfjsEngine } from '@gradcam/core/tfjs';
import * as ort from 'onnxruntime-node';

/** The five gradient methods at a layer, by the names that the oracles use. */
export const formulas = {
  gradCam: computeGradCam,
  gradCamPlusPlus: computeGradCamPlusPlus,
  hiResCam: computeHiResCam,
  layerCam: computeLayerCam,
  xGradCam: computeXGradCam,
};

export const engineNames = /** @type {const} */ (['onnx', 'wasm']);

/** @param {typeof engineNames[number]} name */
export async function createEngine(name) {
  return name === 'onnx' ? createOnnxEngine(ort) : createTfjsEngine({ backend: name });
}

/**
 * The activations at a node and the gradient of a class's logit there, for one image.
 *
 * @param {import('@gradcam/core').Model} model
 * @param {import('@gradcam/core').NdArray} input @param {string} node @param {number} index
 */
export async function explainAt(model, input, node, index) {
  const { gradients, outputs } = await model.session.run({
    inputs: { [model.network.inputs[0] ?? '']: input },
    outputs: [node],
    gradient: { seeds: [{ score: 'logit', of: { class: index } }], wrt: [node], relu: 'plain' },
  });
  return { activations: first(outputs.get(node)), gradients: first(gradients[0]?.get(node)) };
}

/**
 * The gradient of a class's logit at the input.
 *
 * @param {import('@gradcam/core').Model} model @param {import('@gradcam/core').NdArray} input
 * @param {number} index @param {import('@gradcam/core').ReluPolicy} relu
 */
export async function inputGradient(model, input, index, relu) {
  const name = model.network.inputs[0] ?? '';
  const { gradients } = await model.session.run({
    inputs: { [name]: input },
    outputs: [],
    gradient: { seeds: [{ score: 'logit', of: { class: index } }], wrt: [name], relu },
  });
  return first(gradients[0]?.get(name));
}

/** The only image of a batch.
 * @param {import('@gradcam/core').NdArray | undefined} array */
function first(array) {
  if (array === undefined) throw new Error('the run did not return what was asked for');
  return { shape: array.shape.slice(1), data: array.data };
}
