import { loadModel, modelFilesInMemory, type Model } from '@gradcam/core';
import { createTfjsEngine } from '@gradcam/core/tfjs';

/** Side of the model's input in pixels. */
export const SIDE = 4;

/**
 * A model whose Grad-CAM is known without running it. Its layer `seen` is the image in 0..1, then come the mean
 * over the 16 pixels and two scores: class 0 is green, class 1 is red less blue. The gradient of class 1 at every
 * pixel is (1/16, 0, -1/16), so its raw map is (red - blue) / 16.
 */
export async function openTwoColoursModel(): Promise<Model> {
  const layer = (name: string, type: string, config: object, before: string | null) => ({
    ...{ name, class_name: type, config: { name, dtype: 'float32', ...config } },
    inbound_nodes: before === null ? [] : [[[before, 0, 0, {}]]],
  });
  const layers = [
    layer('image', 'InputLayer', { batch_input_shape: [null, SIDE, SIDE, 3] }, null),
    layer('seen', 'ReLU', {}, 'image'),
    layer('mean', 'GlobalAveragePooling2D', { data_format: 'channels_last' }, 'seen'),
    layer('scores', 'Dense', { units: 2, activation: 'linear', use_bias: false }, 'mean'),
  ];
  const config = {
    ...{ name: 'two-colours', layers },
    ...{ input_layers: [['image', 0, 0]], output_layers: [['scores', 0, 0]] },
  };
  const weights = [{ name: 'scores/kernel', shape: [3, 2], dtype: 'float32' }];
  const model = {
    format: 'layers-model',
    modelTopology: { model_config: { class_name: 'Model', config }, keras_version: '2.15.0' },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  };
  // [channel, class]
  const kernel = Float32Array.of(0, 1, 1, 0, 0, -1);
  const files = {
    'model.json': new TextEncoder().encode(JSON.stringify(model)),
    'weights.bin': new Uint8Array(kernel.buffer),
  };
  const engine = await createTfjsEngine({ backend: 'cpu' });
  return loadModel(modelFilesInMemory(files), { engine, inputRange: '0..1', fit: 'squash' });
}
