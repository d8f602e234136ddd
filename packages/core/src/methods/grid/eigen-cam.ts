import type { NdArray } from '../../base/nd-array.ts';
import type { GridMethod, MethodInputs } from '../method.ts';
import { projectOnFirstComponent } from './principal-component.ts';

/**
 * Eigen-CAM: the cells' scores on the first principal component of the activations. It looks at no
 * class. Channels are centred (the paper does not say so, all libraries do it); the component's sign
 * is arbitrary, and the one is taken whose largest score is the largest in magnitude: left open, the
 * map may show the complement of the object.
 *
 * @see Muhammad and Yeasin 2020, arXiv 2008.00299
 */
export function computeEigenCam({ activations }: Pick<MethodInputs, 'activations'>): NdArray {
  return projectCells(activations.shape, activations.data);
}

export const eigenCam: GridMethod = {
  kind: 'grid',
  name: 'eigen-cam',
  title: 'Eigen-CAM',
  paper: 'https://arxiv.org/abs/2008.00299',
  summary: 'The main pattern of the layer, whatever the class.',
  gradientFree: true,
  relu: true,
  cost: 'a principal component of the layer’s activations',
  computeMap: computeEigenCam,
};

/**
 * As {@link computeEigenCam}, of gradient times activation: the main pattern that the class uses. Where one
 * object makes most of it, that one is shown for any class, so it does not tell classes apart by itself.
 */
export function computeEigenGradCam({ activations, gradients }: MethodInputs): NdArray {
  const products = Float64Array.from(activations.data, (value, i) => value * gradients.data[i]!);
  return projectCells(activations.shape, products);
}

export const eigenGradCam: GridMethod = {
  kind: 'grid',
  name: 'eigen-grad-cam',
  title: 'EigenGrad-CAM',
  paper: 'https://arxiv.org/abs/2008.00299',
  summary: 'The main pattern of gradient times activation.',
  relu: true,
  cost: 'as Grad-CAM, and a principal component',
  computeMap: computeEigenGradCam,
};

function projectCells(shape: readonly number[], data: ArrayLike<number>): NdArray {
  const [rows = 1, columns = 1, channels = 1] = shape;
  const scores = projectOnFirstComponent(data, rows * columns, channels);
  return { shape: [rows, columns], data: Float32Array.from(scores) };
}
