import type { WeightFile } from '../tensors/stored-tensor.ts';
import { recogniseModules } from './recognise-modules.ts';
import { recogniseNames, type RecognisedFile, type StatedNet } from './recognise-names.ts';

export type { RecognisedFile, StatedNet } from './recognise-names.ts';

/** Whether a file holds weights of PyTorch, whose names and shapes tell their net. */
export function isTorchFile({ format }: WeightFile): boolean {
  return /^(torch-|safetensors$)/.test(format);
}

/**
 * Finds the net to which the weights of a file belong by the names and shapes of its tensors, and of a whole
 * model by its modules, too. What is stated is followed.
 *
 * @throws MappingError if no net or several nets fit, or if weights are left over, and for a whole model with
 *   modules of its own; NotFoundError for an unknown id; UnsupportedError for a head of modules that are not
 *   known
 */
export function recogniseTorch(
  file: WeightFile,
  name: string,
  stated: StatedNet = {},
): RecognisedFile {
  const { modules } = file;
  if (modules === undefined) return recogniseNames(file, name, stated);
  return recogniseModules(file, modules, name, stated);
}
