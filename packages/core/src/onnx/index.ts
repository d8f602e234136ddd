/**
 * The compiled engine: `createOnnxEngine(ort)`.
 *
 * @module
 */
export { createOnnxEngine } from './create-engine.ts';
export type { OnnxEngineOptions, OnnxProvider, OnnxRuntime } from './runtime.ts';
