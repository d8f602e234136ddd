import type { NdArray } from '../../base/nd-array.ts';
import { explainAtLayer, layerMethod } from '../formula.ts';
import type { Method } from '../method.ts';
import type { MethodInputs } from '../shared-pass.ts';
import { projectOnFirstComponent } from './principal-component.ts';

/**
 * Eigen-CAM: the projection of each cell's activations onto their first principal component. It is the
 * same for every class.
 *
 * The channels are centred, as in all libraries; the paper does not mention it. The sign of a component
 * is arbitrary and could turn the map into the complement of the object, so the sign is chosen that
 * makes the value of largest magnitude positive.
 *
 * @see Muhammad and Yeasin 2020, arXiv 2008.00299
 */
export function computeEigenCam({ activations }: Pick<MethodInputs, 'activations'>): NdArray {
  return projectCells(activations.shape, activations.data);
}

export const eigenCam: Method = {
  ...layerMethod,
  name: 'eigen-cam',
  title: 'Eigen-CAM',
  paper: 'https://arxiv.org/abs/2008.00299',
  summary: 'The main pattern of the layer, whatever the class.',
  gradientFree: true,
  cost: 'a principal component of the layer’s activations',
  explain: explainAtLayer(computeEigenCam),
};

/**
 * {@link computeEigenCam} applied to gradient times activation: the main pattern that the class uses.
 * Where one object causes most of that pattern, the map shows this object for every class.
 */
export function computeEigenGradCam({ activations, gradients }: MethodInputs): NdArray {
  const products = Float64Array.from(activations.data, (value, i) => value * gradients.data[i]!);
  return projectCells(activations.shape, products);
}

export const eigenGradCam: Method = {
  ...layerMethod,
  name: 'eigen-grad-cam',
  title: 'EigenGrad-CAM',
  paper: 'https://arxiv.org/abs/2008.00299',
  summary: 'The main pattern of gradient times activation.',
  cost: 'as Grad-CAM, and a principal component',
  explain: explainAtLayer(computeEigenGradCam),
};

function projectCells(shape: readonly number[], data: ArrayLike<number>): NdArray {
  const [rows = 1, columns = 1, channels = 1] = shape;
  const scores = projectOnFirstComponent(data, rows * columns, channels);
  return { shape: [rows, columns], data: Float32Array.from(scores) };
}
