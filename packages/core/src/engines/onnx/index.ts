/**
 * The ONNX Runtime engine: `createOnnxEngine(ort)`. The entry `@gradcam/core/export` writes explanations as
 * ONNX files.
 *
 * @module
 */
export { countCores, type ReadSystemFile } from './count-cores.ts';
export { createOnnxEngine } from './create-engine.ts';
export type { GraphStore, StoredGraphs } from './graph-store.ts';
export type { FilePiece, ScratchFolder } from './mapped-weights.ts';
export type { OnnxEngineOptions, OnnxProvider, OnnxRuntime } from './runtime.ts';
