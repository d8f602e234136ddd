import { addLayer, type NetworkDraft } from '../network.ts';
import { addWeight, type Value } from './torch-layers.ts';

/** The epsilon of normalisations in PyTorch where none is stated. */
const DEFAULT_EPSILON = 1e-5;

/** `nn.BatchNorm2d` or `nn.BatchNorm1d` in evaluation mode. */
export function addNorm(
  draft: NetworkDraft,
  path: string,
  input: Value,
  epsilon = DEFAULT_EPSILON,
): Value {
  for (const parameter of ['gamma', 'beta', 'moving_mean', 'moving_variance'] as const) {
    addWeight(draft, path, parameter, [input.channels]);
  }
  const config = { axis: -1, momentum: 0.9, epsilon, center: true, scale: true };
  addLayer(draft, path, 'BatchNormalization', [input.layer], config);
  return { ...input, layer: path };
}

/** `nn.LayerNorm` over the channels. */
export function addLayerNorm(
  draft: NetworkDraft,
  path: string,
  input: Value,
  epsilon = DEFAULT_EPSILON,
): Value {
  for (const parameter of ['gamma', 'beta'] as const) {
    addWeight(draft, path, parameter, [input.channels]);
  }
  const config = { axis: -1, epsilon, center: true, scale: true };
  addLayer(draft, path, 'LayerNormalization', [input.layer], config);
  return { ...input, layer: path };
}
