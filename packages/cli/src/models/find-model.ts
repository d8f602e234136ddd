import { listArchitectures, PUBLISHED_MODELS } from '@gradcam/converter';
import { findModelJson, findOnnxPath } from '@gradcam/core/node';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { quoteForShell } from '../terminal/quote-for-shell.ts';
import { isModelFolder, listModelFolders } from './model-folders.ts';
import { wordNetIds } from './word-nets.ts';

/**
 * Finds the model that `--model` names: a folder with a model, the path of its JSON or ONNX file, or an id in
 * the model folders.
 *
 * @returns the folder if its JSON is called `model.json`; otherwise the path of the JSON or ONNX file.
 * @throws CommandError 66 with the command that downloads a known model; GradcamError `argument` for a folder
 *   with several models.
 */
export function findModel(name: string, modelsFolder: string | undefined): string {
  const json = findModelJson(name);
  if (json !== null) return path.basename(json) === 'model.json' ? path.dirname(json) : json;
  if (path.basename(name) === 'model.json') return path.dirname(name);
  const onnx = findOnnxPath(name);
  if (onnx !== null) return onnx;
  const folders = listModelFolders(modelsFolder);
  for (const folder of folders) {
    const candidate = path.join(folder, name);
    if (isModelFolder(candidate)) return candidate;
    const file = findOnnxPath(candidate);
    if (file !== null) return file;
  }
  const into = modelsFolder === undefined ? '' : ` --models ${quoteForShell(modelsFolder)}`;
  const isKnown =
    wordNetIds.includes(name) ||
    [...listArchitectures(), ...PUBLISHED_MODELS].some(({ id }) => id === name);
  const next = isKnown
    ? `get it with: npx gradcam fetch ${name}${into}`
    : "give a folder with a model.json, the path of a model's JSON, .onnx, .keras, .h5, .pth, .safetensors or .pb file, a SavedModel, or see: npx gradcam models";
  const what = existsSync(name)
    ? `${name} holds no model that is read`
    : `model '${name}' is not a model folder and not in ${folders.join(', ')}`;
  throw new CommandError(exitCodes.noInput, `${what}; ${next}`);
}

/** The folder that holds the files of a model that {@link findModel} found. */
export function folderOfModel(location: string): string {
  const file = findModelJson(location) ?? findOnnxPath(location);
  return file === null ? location : path.dirname(file);
}
