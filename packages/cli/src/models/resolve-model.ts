import { isWebAddress } from '@gradcam/runs';
import { identifyModelPath, identifyTensorFlow } from '@gradcam/converter/node';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal/messages.ts';
import { isConvertedAddress, withDownload } from './download-model.ts';
import { findModel } from './find-model.ts';
import { findConvertedFile, isConvertedPath } from './converted-path.ts';
import { keepWebModel } from './web-model.ts';
import { findWordNet, wordNetIds } from './word-nets.ts';

/**
 * Finds the model that `--model` names, on this machine or on the web. A model from a web address is kept in
 * the cache (see {@link keepWebModel}), and a model of Keras, PyTorch or TensorFlow is converted into it, a
 * file also from the web (`keepConvertedModel`). The demo nets for words are found without a fetch.
 *
 * @returns as {@link findModel}.
 * @throws CommandError 66 if there is no such model, 65 for a model of another program, with the way to
 *   convert it, 75 if it cannot be downloaded.
 */
export async function resolveModel(
  name: string,
  modelsFolder: string | undefined,
  terminal: Pick<Terminal, 'note'>,
): Promise<string> {
  const convert = (source: string): Promise<string> => keepConverted(source, terminal);
  if (isConvertedAddress(name)) {
    return withDownload(name, terminal, {}, convert);
  }
  if (isWebAddress(name)) return keepWebModel(name, terminal);
  if (await isConvertedPath(name)) return convert(name);
  try {
    return findModel(name, modelsFolder);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (wordNetIds.includes(name)) {
      // These nets are whole models that come with the command, so that nothing has to be fetched.
      const file = findWordNet(name);
      return file.endsWith('.onnx') ? file : convert(file);
    }
    const inside = await findConvertedFile(name);
    if (inside !== null) return convert(inside);
    if ((await identifyTensorFlow(name)) !== null) return convert(name);
    const format = await identifyModelPath(name);
    if (format === null) throw error;
    const message = `${name} is ${format.what}; ${format.next}`;
    throw new CommandError(exitCodes.badData, message, { cause: error });
  }
}

/** A command whose model needs no conversion does not load the converter, a fifth of the whole program. */
async function keepConverted(source: string, terminal: Pick<Terminal, 'note'>): Promise<string> {
  const { keepConvertedModel } = await import('./keep-converted-model.ts');
  return keepConvertedModel(source, terminal);
}
