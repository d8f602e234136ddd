/**
 * The TensorFlow.js engine: `createTfjsEngine({ backend: 'wasm' })`.
 *
 * @module
 */
export { createTfjsEngine } from './load-engine.ts';
export type { TfjsEngineOptions } from './create-engine.ts';
export { type TfjsBackend } from './backend.ts';
export { type WasmFile, type WasmOptions } from './wasm-options.ts';
