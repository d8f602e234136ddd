import { exportOnnx, type OnnxExport } from '@gradcam/core/export';
import { openModelFolder } from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { formatExport, listExport } from './print-export.ts';
import { writeExport } from './write-export.ts';
import { choose } from '../../flags/choose.ts';
import { runOnnxValues } from '../../models/run-onnx-values.ts';
import { resolveModel } from '../../models/resolve-model.ts';
import { checkLabels, parseModelFlags, type ModelFlags } from '../../models/model-flags.ts';
import { printSources } from '../../models/print-sources.ts';
import { ownVersion } from '../../own-version.ts';
import { createTerminal } from '../../terminal/messages.ts';

export interface ExportFlags extends ModelFlags {
  readonly model: string;
  readonly out: string;
  readonly method: string;
  readonly layer: string;
  readonly target: string;
  readonly pixels: string;
  readonly precision: string;
  readonly externalData?: boolean;
  readonly models?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** `gradcam export`: writes a model together with one explanation into one ONNX file. */
export async function runExport(flags: ExportFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const pixels = choose('--pixels', flags.pixels, ['float32', 'uint8'] as const);
  const precision = choose('--precision', flags.precision, ['float64', 'float32'] as const);
  const overrides = await parseModelFlags(flags);
  const folder = await resolveModel(flags.model, flags.models, terminal);
  const files = openModelFolder(folder);
  const modelJson = await files.readFile(files.onnx ?? 'model.json');
  const exported = await exportOnnx(files, {
    ...overrides,
    runOnnxValues,
    method: flags.method,
    layer: flags.layer,
    target: flags.target,
    pixels,
    precision,
    externalData: {
      file: `${path.basename(flags.out)}.data`,
      when: flags.externalData === true ? 'always' : 'needed',
    },
    version: ownVersion,
    modelDigest: createHash('sha256').update(modelJson).digest('hex'),
  });
  checkLabels(flags, overrides, exported.output);
  printSources(exported, terminal);
  const written = await writeExport(flags.out, exported);
  warnOfSecondFile(exported, flags, terminal.note);
  for (const line of formatExport(exported.description, written)) terminal.note(line);
  if (flags.json) terminal.out(JSON.stringify(listExport(exported.description, written)));
  else terminal.out(flags.out);
  return exitCodes.done;
}

/** Warns a user who asked for one file that the weights are in a second file. */
function warnOfSecondFile(
  { externalData }: OnnxExport,
  flags: ExportFlags,
  note: (line: string) => void,
): void {
  if (externalData === null) return;
  const reason = flags.externalData === true ? '' : ', since an ONNX file can hold at most 2 GiB';
  note(`the weights are in ${externalData.file} beside it${reason}; keep the two files together`);
}
