import type { NdArray } from '../../base/nd-array.ts';
import { sumProductsOverChannels } from './map-algebra.ts';
import { explainAtLayer, layerMethod } from '../formula.ts';
import type { Method } from '../method.ts';
import type { MethodInputs } from '../shared-pass.ts';

/**
 * LayerCAM: L = sum_k relu(g_k) A_k, element by element. Each activation is weighted by its own positive
 * gradient, which keeps fine detail at early layers. At the output of a ReLU it equals the element-wise
 * Grad-CAM.
 *
 * @see Jiang et al. 2021, IEEE TIP 30, equations 5 and 6
 */
export function computeLayerCam({ activations, gradients }: MethodInputs): NdArray {
  return sumProductsOverChannels(activations, gradients, 0);
}

export const layerCam: Method = {
  ...layerMethod,
  name: 'layer-cam',
  title: 'LayerCAM',
  paper: 'https://doi.org/10.1109/TIP.2021.3089943',
  summary: 'Activations weighted by their own positive gradient: works at early layers too.',
  cost: 'as Grad-CAM',
  explain: explainAtLayer(computeLayerCam),
};
