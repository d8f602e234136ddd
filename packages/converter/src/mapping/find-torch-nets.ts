import {
  createFindShape,
  type FindShape,
  type TorchFamily,
  type TorchNaming,
  type TorchNet,
} from '../architectures/torch/family.ts';
import { listTorchIds, TORCH_FAMILIES } from '../architectures/torch/families.ts';
import type { HeadPlace } from '../architectures/torch/head.ts';
import { COLOURS } from '../architectures/torch/root.ts';
import { MappingError, NotFoundError } from '../errors.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { sortByDistance } from './nearest-name.ts';

/** A net that shapes of a file fit. */
export interface FoundNet {
  readonly family: TorchFamily;
  readonly net: TorchNet;
  /** The channels of the pictures that its first convolution takes. */
  readonly channels: number;
}

/** The shapes of a file's tensors by their names. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** Lists the shapes of a file. */
export function shapesOf({ tensors }: WeightFile): Map<string, readonly number[]> {
  return new Map(tensors.map(({ name, shape }) => [name, shape]));
}

/** The nets of all families that have these shapes. */
export function findNets(shapes: Shapes): FoundNet[] {
  return TORCH_FAMILIES.flatMap((family) => readNets(family, shapes));
}

/**
 * The members of a family that have these shapes: the published ones, or else one of its own widths. A first
 * convolution for gray pictures is read like one for colours.
 *
 * @param place of a head that is another one than the family's, whose own shapes are then not asked for
 */
export function readNets(family: TorchFamily, shapes: Shapes, place?: HeadPlace): FoundNet[] {
  const found = new Map<string, FoundNet>();
  for (const naming of family.namings) {
    const find = createFindShape(shapes, naming);
    const root = find(`${family.root}.weight`);
    const channels = root?.[1] === 1 ? 1 : COLOURS;
    const read = standIn(find, family, place);
    for (const plan of family.readPlans(read, naming)) {
      for (const net of namePlan(family, plan)) {
        found.set(`${JSON.stringify(plan)} ${net.id}`, { family, net, channels });
      }
    }
  }
  return [...found.values()];
}

/** The names that the bias of the first convolution may have. */
export function listRootBiases({ root, namings }: TorchFamily): string[] {
  const partsOf = ({ nameParts }: TorchNaming): readonly string[] => nameParts?.(root) ?? [root];
  return namings.flatMap((naming) => partsOf(naming).map((part) => `${part}.bias`));
}

/**
 * The nets that a stated id allows.
 *
 * @param mayBeNone whether weights that do not fit a stated family are no error
 * @throws NotFoundError for an unknown id; MappingError if the weights do not fit the stated family
 */
export function findStated(
  id: string,
  shapes: Shapes,
  name: string,
  mayBeNone = false,
): FoundNet[] {
  for (const family of TORCH_FAMILIES) {
    const net = family.nets.find((one) => one.id === id);
    const found = readNets(family, shapes);
    if (net !== undefined) {
      const channels = found.find((one) => one.net.id === id)?.channels ?? COLOURS;
      return [{ family, net, channels }];
    }
    if (family.id !== id) continue;
    if (found.length > 0 || mayBeNone) return found;
    throw new MappingError(`${name} is no ${id}: its weights have other names`, [], []);
  }
  const candidates = sortByDistance(id, listTorchIds());
  throw new NotFoundError(
    id,
    `no architecture '${id}' for weights of PyTorch; did you mean '${candidates[0] ?? ''}'? Known: ${listTorchIds().join(', ')}`,
    candidates,
  );
}

function standIn(find: FindShape, family: TorchFamily, place: HeadPlace | undefined): FindShape {
  return (name) => {
    const stood = place?.standIns[name];
    if (stood !== undefined) return stood;
    const shape = find(name);
    if (name !== `${family.root}.weight` || shape?.[1] !== 1) return shape;
    const [out = 0, , ...kernel] = shape;
    return [out, COLOURS, ...kernel];
  };
}

function namePlan(family: TorchFamily, plan: unknown): readonly TorchNet[] {
  const text = JSON.stringify(plan);
  const published = family.nets.filter((net) => JSON.stringify(net.plan) === text);
  const own = { id: family.id, title: `${family.title} of its own widths (PyTorch)`, plan };
  return published.length > 0 ? published : [own];
}
