import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { Weights } from '../port/engine.ts';
import { GradcamError } from '../../base/errors.ts';
import type { OpaqueCall } from '../../network/op.ts';
import type { ForeignLayer } from '../tfjs/operation.ts';
import { checkGradientKernels } from './check-gradient.ts';
import { createLayer, explainRefusals } from './library.ts';
import { matchWeights } from './match-weights.ts';

/**
 * Builds a layer of tfjs-layers with its weights on the selected backend. They stay there until it is
 * disposed.
 *
 * @param names the names of the layer's weights in the manifest, in order. Each key is the part of the name
 *   that follows the layer's name.
 * @throws GradcamError `model` where the manifest's weights are not those of the layer.
 */
export function buildLayer(
  opaque: OpaqueCall,
  names: Readonly<Record<string, string>>,
  weights: Weights,
): ForeignLayer {
  const { layer: name, className, config, inputShapes } = opaque;
  const layer = createLayer(name, className, config);
  if (layer === null) {
    throw new GradcamError('unsupported', `layer ${name}: class ${className} is not registered`);
  }
  const shapes = inputShapes.map((shape) => [null, ...shape]);
  try {
    tf.tidy(() => {
      explainRefusals(name, className, () =>
        layer.build(shapes.length === 1 ? shapes[0]! : shapes),
      );
      // A user's own layer may not set this, and then apply() would build it again.
      layer.built = true;
      setWeights(layer, name, names, weights);
    });
  } catch (error) {
    disposeWeights(layer);
    throw error;
  }
  const call: ForeignLayer['call'] = (inputs, mask) => {
    const given = inputs.length === 1 ? inputs[0]! : [...inputs];
    const outputs = layer.apply(given, mask === null ? {} : { mask }) as tf.Tensor | tf.Tensor[];
    return Array.isArray(outputs) ? outputs : [outputs];
  };
  const checked = new Map<string, Promise<void>>();
  return {
    call,
    makeMask: (inputs) => tf.cast(layer.computeMask([...inputs]) as tf.Tensor, 'float32'),
    checkGradient(output, input) {
      const key = `${tf.getBackend()} ${output} ${input}`;
      const check = checked.get(key) ?? checkGradientKernels(opaque, call, output, input);
      checked.set(key, check);
      return check;
    },
    dispose: () => disposeWeights(layer),
  };
}

function setWeights(
  layer: tfl.layers.Layer,
  name: string,
  names: Readonly<Record<string, string>>,
  weights: Weights,
): void {
  const given = Object.entries(names).map(([suffix, weight]) => {
    const array = weights.get(weight);
    if (array === undefined) throw new GradcamError('model', `weight ${weight} is missing`);
    return { suffix, array };
  });
  const own = layer.weights.map((weight) => ({
    name: weight.originalName,
    shape: weight.shape as number[],
  }));
  const arrays = matchWeights(name, own, given);
  layer.setWeights(arrays.map(({ data, shape }) => tf.tensor(data, [...shape], 'float32')));
}

function disposeWeights(layer: tfl.layers.Layer): void {
  // layer.dispose() counts references, and a layer that is used on its own has none.
  for (const weight of layer.weights) weight.dispose();
}
