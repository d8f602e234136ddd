/**
 * The TensorFlow.js engine for networks with layers that are not of our op set: recurrent ones, and
 * those that a user has registered with `tf.serialization.registerClass`. They run by tfjs-layers,
 * which this entry imports, and are differentiated by tfjs's tape; all others run as ever.
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
