import type { LayerRecord, NetworkDraft } from '../architectures/network.ts';

/** `modelTopology` of a tfjs LayersModel, in the form Keras 2 writes. */
export interface ModelTopology {
  readonly keras_version: string;
  readonly backend: string;
  readonly model_config: {
    readonly class_name: 'Functional';
    readonly config: {
      readonly name: string;
      readonly layers: readonly unknown[];
      readonly input_layers: readonly unknown[];
      readonly output_layers: readonly unknown[];
    };
  };
}

/** The last version of Keras that writes this form. */
const KERAS_VERSION = '2.15.0';

/** Writes a net as a functional Keras model from its first layer to its last. */
export function createTopology(name: string, draft: NetworkDraft): ModelTopology {
  const first = draft.layers[0]?.name ?? 'input';
  const last = draft.layers.at(-1)?.name ?? first;
  return {
    keras_version: KERAS_VERSION,
    backend: 'tensorflow',
    model_config: {
      class_name: 'Functional',
      config: {
        name,
        layers: draft.layers.map(writeLayer),
        input_layers: [[first, 0, 0]],
        output_layers: [[last, 0, 0]],
      },
    },
  };
}

function writeLayer(layer: LayerRecord): unknown {
  const inbound = layer.inputs.map((input) => [input, 0, 0, {}]);
  return {
    class_name: layer.className,
    name: layer.name,
    config: { name: layer.name, trainable: true, ...layer.config },
    inbound_nodes: inbound.length === 0 ? [] : [inbound],
  };
}
