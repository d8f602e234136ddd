import { isConverterError, MappingError } from '../errors.ts';
import type { TorchModule, WeightFile } from '../tensors/stored-tensor.ts';
import { checkModules } from './check-modules.ts';
import { isInHead, stateHead } from './head-of-modules.ts';
import { recogniseNames, type RecognisedFile, type StatedNet } from './recognise-names.ts';
import { EXPORT_LINE } from './refuse-torch.ts';

/**
 * Recognises a whole model: its weights as those of a state dict, with the head that its modules say, and
 * only if all other modules are those of the published net.
 *
 * @throws MappingError naming the first module that differs, or the class of another library; errors of
 *   `recogniseNames`
 */
export function recogniseModules(
  file: WeightFile,
  modules: readonly TorchModule[],
  name: string,
  stated: StatedNet,
): RecognisedFile {
  const root = modules[0]?.className ?? 'nothing';
  if (!root.startsWith('torchvision.')) {
    throw refuse(
      `${name} is a whole model of the class ${root}, and only those of torchvision are read`,
    );
  }
  const plain = stated.head === undefined ? tryPlain(file, modules, name, stated) : null;
  if (plain !== null) return plain;
  const text = stated.head ?? stateHead(modules);
  if (typeof text !== 'string') throw refuse(`${name}: the head ${text.problem}`);
  const own = recogniseNames(file, name, { ...stated, head: text });
  const { architecture } = own;
  const problem = checkModules(modules, architecture.draft(architecture.classes), isInHead);
  if (problem !== undefined) throw refuse(`${name} looks like ${architecture.id}, but ${problem}`);
  return knowing(own);
}

/** The modules say which net it is, so nothing about it is assumed. */
function knowing(found: RecognisedFile): RecognisedFile {
  return { ...found, isAssumed: false, lookalikes: undefined };
}

/** The net without changes; null if the modules or the weights are not all its own. */
function tryPlain(
  file: WeightFile,
  modules: readonly TorchModule[],
  name: string,
  stated: StatedNet,
): RecognisedFile | null {
  try {
    const found = recogniseNames(file, name, stated);
    if (found.head !== undefined) return null;
    const { architecture } = found;
    const problem = checkModules(modules, architecture.draft(architecture.classes), () => false);
    return problem === undefined ? knowing(found) : null;
  } catch (error) {
    if (!isConverterError(error)) throw error;
    return null;
  }
}

function refuse(what: string): MappingError {
  return new MappingError(`${what}; ${EXPORT_LINE}`, [], []);
}
