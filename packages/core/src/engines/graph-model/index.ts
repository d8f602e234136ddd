/**
 * The engine for tfjs GraphModels (converted SavedModels, hub modules): forward only, by
 * `@tensorflow/tfjs-converter`, which this entry imports.
 *
 * ```ts
 * const engine = await createGraphModelEngine({ backend: 'wasm' });
 * const model = await loadModel(openModelFolder('graph'), { engine });
 * const { explanations } = await explain(model, image, { methods: ['score-cam'] });
 * ```
 *
 * @module
 */
export { createGraphModelEngine } from './create-engine.ts';
