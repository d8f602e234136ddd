import type { TorchModule } from '../tensors/stored-tensor.ts';

/** The first parts of the names of heads in torchvision's models. */
const TOPS: ReadonlySet<string> = new Set(['fc', 'classifier']);

/** PyTorch's defaults, which are the settings that a head is read with. */
const [EPSILON, BETA] = [1e-5, 1];

/** Whether a module of a model of torchvision belongs to its head. */
export function isInHead(path: string): boolean {
  return TOPS.has(path.split('.')[0]!);
}

/**
 * The modules of a head as a user would state them, such as `Linear,ReLU,Dropout,Linear`.
 *
 * @returns the text; an object with the reason for a module that cannot be stated
 */
export function stateHead(modules: readonly TorchModule[]): string | { readonly problem: string } {
  // ConvNeXt's own normalisation stands under the name of its head.
  const leaves = modules.filter(
    ({ path, className, hasChildren }) =>
      isInHead(path) && !hasChildren && !className.startsWith('torchvision.'),
  );
  const stated: string[] = [];
  for (const { path, className, attributes } of leaves) {
    const isOdd =
      (attributes.has('eps') && attributes.get('eps') !== EPSILON) ||
      (attributes.has('approximate') && attributes.get('approximate') !== 'none') ||
      (attributes.has('beta') && attributes.get('beta') !== BETA);
    if (isOdd) return { problem: `has the module ${path}, ${className}, with settings of its own` };
    const number = attributes.get(className === 'LeakyReLU' ? 'negative_slope' : 'alpha');
    const takesNumber = className === 'LeakyReLU' || className === 'ELU';
    // The means of a grid are taken before the head is read.
    if (className === 'AdaptiveAvgPool2d') continue;
    stated.push(takesNumber ? `${className}(${String(number)})` : className);
  }
  return stated.join(',');
}
