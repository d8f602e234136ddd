/**
 * The classes of modules that a whole model of torchvision consists of. An object of such a class is read as
 * data: its name, its attributes and its weights. None of their code is in the file, and none is run.
 */
const OF_TORCHVISION: ReadonlySet<string> = new Set([
  ...['resnet', 'vgg', 'densenet', 'mobilenet', 'mobilenetv2', 'squeezenet', 'efficientnet'],
  'convnext',
]);

/** torchvision's classes that its models share. */
const SHARED = /^torchvision\.ops\.(misc|stochastic_depth)$/;

/** Names of classes, as Python's style has them, and not of functions. */
const CLASS = /^_?[A-Z]\w*$/;

/**
 * Finds the class of a module by the names in a pickle.
 *
 * @returns the name of the class, with `torchvision.` before those that are torchvision's; `undefined` for
 *   anything else
 */
export function findModuleClass(module: string, name: string): string | undefined {
  if (!CLASS.test(name)) return undefined;
  if (/^torch\.nn\.modules\.[a-z]+$/.test(module)) return name;
  const [, part = ''] = /^torchvision\.models\.([a-z0-9]+)$/.exec(module) ?? [];
  return OF_TORCHVISION.has(part) || SHARED.test(module) ? `torchvision.${name}` : undefined;
}
