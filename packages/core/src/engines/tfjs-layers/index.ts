/**
 * The TensorFlow.js engine for networks with layers outside the op set: recurrent layers, and layers that a
 * user has registered with `tf.serialization.registerClass`. tfjs-layers, which this entry imports, computes
 * them, and tfjs's tape differentiates them. All other layers run as on the engine of `@gradcam/core/tfjs`.
 *
 * ```ts
 * const engine = await createLayersEngine({ backend: 'cpu' });
 * const model = await loadModel(openModelFolder('captioner'), { engine });
 * ```
 *
 * @module
 */
export { createLayersEngine } from './create-engine.ts';
export { layerLibrary } from './library.ts';
