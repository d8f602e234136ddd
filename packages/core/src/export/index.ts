/**
 * Explanations as ONNX files, for any runtime: `exportOnnx`.
 *
 * @module
 */
export { exportOnnx } from './export-onnx.ts';
export type { ExportOptions, OnnxExport } from './export-onnx.ts';
export { listExportable } from './exportable.ts';
export type { ExportDescription } from './describe-export.ts';
export type { WeightsPlace } from './place-weights.ts';
