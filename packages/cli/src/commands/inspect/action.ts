import { isConverterError } from '@gradcam/converter';
import { inspectSource } from '@gradcam/converter/node';
import { isGradcamError } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { describeAnyModel, type DescribedModel } from '../../models/describe-any.ts';
import { shapesOf } from '../../models/model-flags.ts';
import { resolveModel } from '../../models/resolve-model.ts';
import { printModel, reportModel } from './print-model.ts';
import { printWeights } from './print-weights.ts';
import { verifyModel } from './verify-model.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import { createTerminal, type Terminal } from '../../terminal/messages.ts';

export interface InspectFlags {
  readonly models?: string;
  readonly json?: boolean;
  readonly inputSize?: string;
  readonly explainInput?: string;
  readonly boxes?: string;
  readonly verify?: boolean;
  readonly engine: string;
  readonly debug?: boolean;
}

/**
 * `gradcam inspect`: lists the layers of a model or the tensors of a weight file. It reads no values and
 * starts no engine, except with `--verify`, for a model of Keras, which is converted, and for an ONNX file
 * with nodes that are not translated.
 */
export async function runInspect(name: string, flags: InspectFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  if (flags.verify) {
    return printVerification(await resolveModel(name, flags.models, terminal), flags, terminal);
  }
  if (isWeightSource(name)) return inspectWeights(name, flags, terminal);
  const model = await describeNamed(name, flags, terminal);
  if (flags.json) terminal.out(JSON.stringify(reportModel(model)));
  else printModel(model, terminal);
  return exitCodes.done;
}

async function describeNamed(
  name: string,
  flags: InspectFlags,
  terminal: Terminal,
): Promise<DescribedModel> {
  const folder = await resolveModel(name, flags.models, terminal);
  return describeAnyModel(openModelFolder(folder), shapesOf(flags));
}

/**
 * Lists the tensors of a weight file, and for a whole model of Keras also what can be explained. The files
 * that an archive is unpacked to are removed also after an interruption.
 */
async function inspectWeights(
  name: string,
  flags: InspectFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const guard = abortOnSignals(() => terminal.warn('stopping'));
  try {
    const weights = await inspectSource(name, { signal: guard.signal });
    const isWhole = weights.format.startsWith('keras-') && weights.layers !== undefined;
    const asModel = isWhole ? await describeKeras(name, flags, terminal) : null;
    if (flags.json) {
      const report = asModel === null ? {} : { asModel: reportModel(asModel) };
      terminal.out(JSON.stringify({ ...weights, ...report }));
    } else if (asModel === null) printWeights(weights, terminal);
    else {
      // The model's own table has the layers.
      printWeights({ ...weights, layers: [] }, terminal);
      printModel(asModel, terminal);
    }
    return exitCodes.done;
  } catch (error) {
    const interrupted = guard.exitCode();
    if (interrupted !== null && guard.signal.aborted) return interrupted;
    throw error;
  } finally {
    guard.release();
  }
}

/**
 * Describes a model of Keras as `explain` would run it, which converts it into the cache.
 *
 * @returns null, with the reason as a note, for a model that cannot be converted. Its file can be listed
 *   nevertheless.
 */
async function describeKeras(
  name: string,
  flags: InspectFlags,
  terminal: Terminal,
): Promise<DescribedModel | null> {
  try {
    return await describeNamed(name, flags, terminal);
  } catch (error) {
    if (!isConverterError(error) && !isGradcamError(error)) throw error;
    terminal.note(
      `it cannot be explained, so its layers are listed without maps: ${error.message}`,
    );
    return null;
  }
}

/**
 * Whether the name is a weight file, a SavedModel or the prefix of a checkpoint's files. Any other name is
 * looked up as a model.
 */
function isWeightSource(name: string): boolean {
  if (/\.(json|onnx)([?#].*)?$/i.test(name)) return false;
  if (/^https?:\/\//i.test(name)) return true;
  const stats = statSync(name, { throwIfNoEntry: false });
  const isSavedModel =
    existsSync(path.join(name, 'saved_model.pb')) && !existsSync(path.join(name, 'model.json'));
  return stats?.isFile() === true || isSavedModel || existsSync(`${name}.index`);
}

async function printVerification(
  folder: string,
  flags: InspectFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const found = await verifyModel(folder, flags.engine, terminal);
  if (flags.json) {
    terminal.out(JSON.stringify(found));
  } else {
    terminal.out(`${found.shards} shards checked`);
    if (found.probeError !== null) {
      const error = found.probeError.toExponential(1);
      terminal.out(
        `probe on ${found.engine}: ${error} of the logits' range (<= ${found.tolerance})`,
      );
    }
    if (found.quantisationError !== null) {
      const error = found.quantisationError.toExponential(1);
      terminal.out(
        `quantisation: logits differ from those of the float32 weights by ${error} of their range`,
      );
    }
  }
  for (const failure of found.failures) terminal.warn(`${folder}: ${failure}`);
  return found.failures.length === 0 ? exitCodes.done : exitCodes.badData;
}
