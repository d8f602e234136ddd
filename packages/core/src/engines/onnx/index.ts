/**
 * The compiled engine: `createOnnxEngine(ort)`. Explanations as ONNX files are of `@gradcam/core/export`.
 *
 * @module
 */
export { countCores, type ReadSystemFile } from './count-cores.ts';
export { createOnnxEngine } from './create-engine.ts';
export type { GraphStore, StoredGraphs } from './graph-store.ts';
export type { FilePiece, ScratchFolder } from './mapped-weights.ts';
export type { OnnxEngineOptions, OnnxProvider, OnnxRuntime } from './runtime.ts';
