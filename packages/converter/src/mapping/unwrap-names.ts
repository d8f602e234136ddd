import type { WeightFile } from '../tensors/stored-tensor.ts';
import { leaveOut, renameWeights } from './rename-weights.ts';

/** A file whose names are read in another way, and what is said of it. */
export interface Wrapping {
  readonly file: WeightFile;
  readonly notes: readonly string[];
}

/** The children of torchvision's ResNets by their numbers, as `list(model.children())` has them. */
const RESNET_CHILDREN: Readonly<Record<string, string>> = {
  ...{ 0: 'conv1', 1: 'bn1', 4: 'layer1', 5: 'layer2', 6: 'layer3', 7: 'layer4' },
};
/** The kernels by which such a ResNet is known: of the first convolution and of the first unit. */
const RESNET_MARKS = ['0.weight', '4.0.conv1.weight'] as const;
/** The most modules around each other that are looked into. */
const MAX_DEPTH = 3;

/**
 * Lists how the names of a file can be read whose net stands in a module of some name (`resnet50.`), or whose
 * ResNet is a sequence of the children of torchvision's, which are then known by their numbers. fastai and
 * `Sequential(*list(model.children())[:-1])` make such files.
 */
export function listWrappings(file: WeightFile): Wrapping[] {
  const found: Wrapping[] = [];
  let [current, taken]: [WeightFile, string] = [file, ''];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const said = taken === '' ? [] : [`names of weights are read without ${taken}`];
    if (depth > 0) found.push({ file: current, notes: said });
    const children = nameChildren(current);
    if (children !== null) {
      const note =
        'the numbered modules 0 to 7 are read as the children of a ResNet: conv1, bn1, layer1 to layer4';
      found.push({ file: children, notes: [...said, note] });
    }
    const prefix = findPrefix(current);
    const next = prefix === undefined ? null : leaveOut(current, prefix);
    if (prefix === undefined || next === null) break;
    [current, taken] = [next, taken + prefix];
  }
  return found;
}

/** The first part of most names. It is counted in one pass, since a file may hold very many names. */
function findPrefix({ tensors }: WeightFile): string | undefined {
  const counts = new Map<string, number>();
  for (const { name } of tensors) {
    const [prefix] = /^[^.]+\./.exec(name) ?? [];
    if (prefix !== undefined) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  return [...counts].find(([, count]) => count > tensors.length / 2)?.[0];
}

function nameChildren(file: WeightFile): WeightFile | null {
  const names = new Set(file.tensors.map(({ name }) => name));
  if (!RESNET_MARKS.every((mark) => names.has(mark))) return null;
  return renameWeights(file, (name) => {
    const [, number = '', rest = ''] = /^(\d)\.(.+)$/.exec(name) ?? [];
    const child = RESNET_CHILDREN[number];
    // The layers of fastai's head are numbered `1.2`, and those of a batch normalisation are not.
    const isHead = number === '1' && /^\d/.test(rest);
    return child === undefined || isHead ? name : `${child}.${rest}`;
  });
}
