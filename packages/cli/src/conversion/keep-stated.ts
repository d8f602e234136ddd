import type { ModelPreview } from '@gradcam/converter/node';
import {
  findVocabularyFile,
  isGradcamError,
  mainHead,
  modelFilesInMemory,
  type ModelFiles,
  type ModelOverrides,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { existsSync } from 'node:fs';
import { copyFile, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { writeDescription } from '../models/write-description.ts';
import { describeAnyModel } from '../models/describe-any.ts';
import { checkLabels, type ModelFlags } from '../models/model-flags.ts';
import { printSources } from '../models/print-sources.ts';
import type { Terminal } from '../terminal/messages.ts';

const DESCRIPTION_FILE = 'gradcam.json';

/**
 * Keeps what the user stated, and the names of classes in a file beside the source, in a `gradcam.json`
 * beside the converted model. Prints what is read from where and what is assumed, as `describe` does.
 *
 * @param out folder of the converted model.
 * @param source path of the model of Keras or TensorFlow.
 * @returns false if the model has layers that cannot be explained, which is printed.
 * @throws CommandError 64 for another number of labels than classes; GradcamError `model` for weights that do
 *   not fit the layers.
 */
export async function keepStated(
  out: string,
  source: string,
  flags: ModelFlags,
  stated: ModelOverrides,
  terminal: Terminal,
): Promise<boolean> {
  const beside = (await stat(source)).isDirectory() ? source : path.dirname(source);
  const [before, given] = [path.join(out, DESCRIPTION_FILE), path.join(beside, DESCRIPTION_FILE)];
  if (!existsSync(before) && existsSync(given)) {
    await copyFile(given, before);
    const words = findVocabularyFile(await readFile(given));
    const [list, copy] = [path.join(beside, words ?? ''), path.join(out, words ?? '')];
    // A list of words may have the name of one of the model's own files, which are not replaced.
    if (words !== null && existsSync(list) && !existsSync(copy)) await copyFile(list, copy);
  }
  try {
    const model = await describeAnyModel(withFilesBeside(out, beside), stated);
    checkLabels(flags, stated, mainHead(model.network));
    const { classNames } = model;
    const facts = classNames.labels.length > 0 ? { ...stated, classNames } : stated;
    if (Object.keys(facts).length > 0) {
      terminal.debug(`written: ${await writeDescription(out, model, facts)}`);
    }
    printSources(model, terminal);
    return true;
  } catch (error) {
    if (!isGradcamError(error, 'unsupported')) throw error;
    terminal.warn(`${out} is written, but it cannot be explained: ${error.message}`);
    return false;
  }
}

/**
 * Checks what the user stated against a model of Keras that is about to be written.
 *
 * @throws CommandError 64 for another number of labels than classes; GradcamError `argument` for numbers of
 *   channels that the model does not have.
 */
export function checkStated(
  model: ModelPreview,
  flags: ModelFlags,
  stated: ModelOverrides,
): Promise<void> {
  const json = new TextEncoder().encode(JSON.stringify(model));
  return checkModel(modelFilesInMemory({ 'model.json': json }), flags, stated);
}

/**
 * Checks what the user stated against a graph of TensorFlow that is written, and not yet put in place. The
 * number of its classes may depend on its constants.
 *
 * @param folder of the complete model.
 * @throws as {@link checkStated}.
 */
export function checkWritten(
  folder: string,
  flags: ModelFlags,
  stated: ModelOverrides,
): Promise<void> {
  return checkModel(openModelFolder(folder), flags, stated);
}

async function checkModel(
  files: ModelFiles,
  flags: ModelFlags,
  stated: ModelOverrides,
): Promise<void> {
  if (Object.keys(stated).length === 0) return;
  try {
    const { network } = await describeAnyModel(files, stated);
    checkLabels(flags, stated, mainHead(network));
  } catch (error) {
    // A model that cannot be explained is still written, which `keepStated` says.
    if (!isGradcamError(error, 'unsupported')) throw error;
  }
}

/** The files of the converted model, and those beside its source, such as the names of its classes. */
function withFilesBeside(out: string, beside: string): ModelFiles {
  const own = openModelFolder(out);
  return {
    ...own,
    async readOptional(name, maxBytes) {
      const found = await own.readOptional?.(name, maxBytes);
      if (found) return found;
      const place = path.join(beside, path.basename(name));
      const stats = await stat(place).catch(() => null);
      // A file that is too large is none of names.
      return stats?.isFile() === true && stats.size <= maxBytes ? readFile(place) : null;
    },
  };
}
