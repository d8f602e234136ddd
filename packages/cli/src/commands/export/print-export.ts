import type { ExportDescription } from '@gradcam/core/export';
import type { WrittenFile } from './write-export.ts';

/** Describes for people what was written: the question, the files, each input and each output. */
export function formatExport(
  { method, layer, grid, target, inputs, outputs }: ExportDescription,
  files: readonly WrittenFile[],
): string[] {
  const value = ({ name, type, shape, doc = '' }: ExportDescription['inputs'][number]): string =>
    `  ${name.padEnd(14)}${`${type} [${shape.join(', ')}]`.padEnd(30)} ${doc}`;
  return [
    `${method} at ${layer} (${grid.join(' x ')}), target ${target}`,
    ...files.map(({ file, bytes }) => `${file}: ${(bytes / 1e6).toFixed(1)} MB`),
    'inputs',
    ...inputs.map(value),
    'outputs',
    ...outputs.map(value),
  ];
}

/** The same as one JSON object. */
export function listExport(
  { method, layer, grid, target, inputs, outputs, metadata }: ExportDescription,
  files: readonly WrittenFile[],
): object {
  return { files, method, layer, grid, target, inputs, outputs, metadata };
}
