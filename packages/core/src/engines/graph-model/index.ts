/**
 * The engine for tfjs GraphModels (converted SavedModels, hub modules). It runs them forward only, with
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
