import type { NdArray } from '../../base/nd-array.ts';
import { sumProductsOverChannels } from './map-algebra.ts';
import type { GridMethod, MethodInputs } from '../method.ts';

/**
 * LayerCAM: L = sum_k relu(g_k) A_k, element by element: each activation is weighted by its own
 * positive gradient, which keeps fine detail at early layers. After a ReLU it equals the element-wise
 * Grad-CAM.
 *
 * @see Jiang et al. 2021, IEEE TIP 30, equations 5 and 6
 */
export function computeLayerCam({ activations, gradients }: MethodInputs): NdArray {
  return sumProductsOverChannels(activations, gradients, 0);
}

export const layerCam: GridMethod = {
  kind: 'grid',
  name: 'layer-cam',
  title: 'LayerCAM',
  paper: 'https://doi.org/10.1109/TIP.2021.3089943',
  summary: 'Activations weighted by their own positive gradient: works at early layers too.',
  relu: true,
  cost: 'as Grad-CAM',
  computeMap: computeLayerCam,
};
