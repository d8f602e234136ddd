/**
 * The compiled engine: `createOnnxEngine(ort)`; and explanations as ONNX files: `exportOnnx`.
 *
 * @module
 */
export { countCores, type ReadSystemFile } from './count-cores.ts';
export { createOnnxEngine } from './create-engine.ts';
export type { GraphStore, StoredGraphs } from './graph-store.ts';
export type { FilePiece, ScratchFolder } from './mapped-weights.ts';
export type { OnnxEngineOptions, OnnxProvider, OnnxRuntime } from './runtime.ts';
export { exportOnnx } from './export/export-onnx.ts';
export type { ExportOptions, OnnxExport } from './export/export-onnx.ts';
export { listExportable } from './export/exportable.ts';
export type { ExportDescription } from './export/describe-export.ts';
export type { WeightsPlace } from './export/place-weights.ts';
