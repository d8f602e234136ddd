import type { NetworkDraft } from '../network.ts';

/** Channels of the pictures of all published nets. */
export const COLOURS = 3;

/** What may differ in the first convolution of a net. */
export interface RootChanges {
  readonly channels?: number | undefined;
  readonly rootBias?: boolean | undefined;
}

/**
 * Changes the first convolution of a net: the channels of the picture that it takes, and whether it has a
 * bias, as `nn.Conv2d(1, 64, 7, 2, 3)` has in the place of one without. Its stride and borders stay.
 */
export function changeRoot(
  draft: NetworkDraft,
  { channels = COLOURS, rootBias = false }: RootChanges,
): NetworkDraft {
  const [kernel, ...others] = draft.weights;
  if ((channels === COLOURS && !rootBias) || kernel === undefined) return draft;
  const root = kernel.name.slice(0, kernel.name.lastIndexOf('/'));
  const [rows = 1, columns = 1, , out = 1] = kernel.shape;
  const weights = [{ ...kernel, shape: [rows, columns, channels, out] }];
  if (rootBias) {
    weights.push({ name: `${root}/bias`, part: kernel.part, parameter: 'bias', shape: [out] });
  }
  const layers = draft.layers.map((layer, index) => {
    const { config } = layer;
    if (index === 0) {
      const shape = config['batch_input_shape'] as readonly (number | null)[];
      return {
        ...layer,
        config: { ...config, batch_input_shape: [...shape.slice(0, -1), channels] },
      };
    }
    const isRoot = layer.name === root && rootBias;
    return isRoot ? { ...layer, config: { ...config, use_bias: true } } : layer;
  });
  return { ...draft, layers, weights: [...weights, ...others] };
}
