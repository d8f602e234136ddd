import type { Variant } from '../architectures/architecture.ts';
import {
  createTorchArchitecture,
  type TorchChanges,
  type TorchFamily,
} from '../architectures/torch/family.ts';
import { TORCH_FAMILIES } from '../architectures/torch/families.ts';
import { cutHead, type Body, type HeadPlace } from '../architectures/torch/head.ts';
import type { StoredTensor, WeightFile } from '../tensors/stored-tensor.ts';
import { listRootBiases, readNets, shapesOf, type FoundNet } from './find-torch-nets.ts';
import type { HeadModule } from './head-modules.ts';
import { listParts } from './head-parts.ts';
import { planHead, type PlannedHead } from './plan-head.ts';

/** A net with a head of a trainer's own. */
export interface NetWithHead extends FoundNet {
  readonly place: HeadPlace;
  readonly head: PlannedHead;
}

/** What {@link findHeads} found. */
export interface HeadSearch {
  readonly nets: readonly NetWithHead[];
  /** The body of a known net with a head that cannot be read, and why. */
  readonly near: { readonly id: string; readonly problem: string } | undefined;
}

/**
 * Finds the nets whose body a file holds, and reads all other weights as their head.
 *
 * @param modules of the head that the user states
 * @param isWanted whether a net may be the one of the file
 */
export function findHeads(
  file: WeightFile,
  modules: readonly HeadModule[] | undefined,
  isWanted: (found: FoundNet) => boolean,
): HeadSearch {
  const nets: NetWithHead[] = [];
  let near: HeadSearch['near'];
  for (const family of TORCH_FAMILIES) {
    for (const place of family.heads) {
      const found = readNets(family, shapesOf(file), place).filter(isWanted);
      const read = found.map((net) => ({ net, head: readHead(file, net, place, modules) }));
      for (const { net, head } of read) {
        if (head === null) continue;
        if ('problem' in head) near ??= { id: net.net.id, problem: head.problem };
        else nets.push({ ...net, place, head });
      }
      // The first place keeps most of the published net.
      if (nets.some((one) => one.family === family)) break;
    }
  }
  return { nets, near };
}

/** What the first convolution of a file has that those of the published nets have not. */
export function describeRoot(
  { tensors }: WeightFile,
  { family, channels }: FoundNet,
): Pick<TorchChanges, 'channels' | 'rootBias'> {
  const biases = listRootBiases(family);
  return { channels, rootBias: tensors.some(({ name }) => biases.includes(name)) };
}

/** @returns null if the file lacks a weight of the body, or has nothing beside it. */
function readHead(
  file: WeightFile,
  found: FoundNet,
  place: HeadPlace,
  modules: readonly HeadModule[] | undefined,
): ReturnType<typeof planHead> | null {
  const { family, net } = found;
  const root = hasOwnBias(family) ? {} : describeRoot(file, found);
  const { draft, variants } = createTorchArchitecture(family, net, root);
  const body = cutHead(draft(1), place);
  const names = variants
    .map((variant) => findNames(file, body, variant))
    .find((one) => one !== null);
  if (names === undefined || names === null) return null;
  const own = file.tensors.filter(
    ({ name }) => !names.has(name) && !name.endsWith('num_batches_tracked'),
  );
  if (own.length === 0) return null;
  const parts = listParts(own);
  return 'problem' in parts ? parts : planHead(parts, body.output, modules, place.takesGrid);
}

/** Whether the published first convolution has a bias, which is then no change. */
export function hasOwnBias(family: TorchFamily): boolean {
  const [net] = family.nets;
  const { weights } = createTorchArchitecture(family, net!).draft(1);
  return weights.some(({ part, parameter }) => part === family.root && parameter === 'bias');
}

/** The names of the tensors of a body; null if one is missing. */
function findNames(
  { tensors }: WeightFile,
  { draft }: Body,
  { nameWeight }: Variant,
): Set<string> | null {
  const all = new Map(tensors.map((tensor): [string, StoredTensor] => [tensor.name, tensor]));
  const names = new Set<string>();
  for (const weight of draft.weights) {
    const name = nameWeight(weight).find((one) => all.has(one));
    if (name === undefined) return null;
    names.add(name);
  }
  return names;
}
