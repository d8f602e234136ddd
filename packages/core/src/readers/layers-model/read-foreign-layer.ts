import type { LayerRecord } from './keras-topology.ts';
import type { Value } from './layers/layer-reader.ts';
import { layerReaders } from './layers/layer-readers.ts';
import { readOpaqueLayer } from './opaque-layer.ts';
import { emitNode, nodeName, withoutCalls, type Reading } from './reading.ts';
import { explainUnknownLayer, refuseVolume } from './unknown-layer.ts';

/**
 * Reads a layer that the op set does not have, as a node that the library of the engine computes.
 *
 * @param name the name of this call of the layer, with the names of the models around it.
 * @throws GradcamError `unsupported` for a layer that the library does not have, or where there is none.
 */
export function readForeignLayer(
  layer: LayerRecord,
  name: string,
  inputs: readonly Value[],
  reading: Reading,
): Value[] {
  const { library } = reading.options;
  const path = withoutCalls(name);
  refuseVolume(layer, name);
  const outputs =
    library === undefined
      ? null
      : readOpaqueLayer(layer, inputs, {
          library,
          path,
          keras3: reading.writer === 'keras3',
          weights: reading.weights.claimAll({ path, name: layer.name }),
          emit: (op, sources, shape, options) =>
            emitNode(reading, {
              name: nodeName(name, options.part),
              op,
              inputs: sources,
              shape,
              options,
            }),
        });
  if (outputs !== null) return outputs;
  throw explainUnknownLayer(layer, name, [...layerReaders.keys()], library !== undefined);
}
