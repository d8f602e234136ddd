import type { Architecture } from '../architectures/architecture.ts';
import {
  createFindShape,
  createTorchArchitecture,
  USUAL_INPUT,
  type TorchFamily,
  type TorchNet,
} from '../architectures/torch/family.ts';
import { listTorchIds, TORCH_FAMILIES } from '../architectures/torch/families.ts';
import { MappingError, NotFoundError } from '../errors.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { findTorchvisionWeights } from '../registry/torchvision-weights.ts';
import { matchWeights, requireCompleteMatch, TRAINING_COUNTER } from './match-weights.ts';
import { sortByDistance } from './nearest-name.ts';
import { stripPrefixes } from './strip-prefixes.ts';
import { findHeads, listHeadReadings, type HeadReading } from './unwrap-head.ts';

/** A file of PyTorch whose net is known. */
export interface RecognisedFile {
  /** The file with the names that the architecture has. */
  readonly file: WeightFile;
  readonly architecture: Architecture;
  /** Whether the net was recognised, and not stated. */
  readonly isAssumed: boolean;
  /** Other nets that have the same weights. */
  readonly lookalikes?: string | undefined;
  /** Whether these are weights that torchvision publishes, with known preparation and classes. */
  readonly isPublished: boolean;
  /** What was read, left out or recognised, a sentence each. */
  readonly notes: readonly string[];
}

const EXPORT_LINE =
  "export the whole model in Python: torch.onnx.export(model.eval(), example, 'model.onnx')";

/** Whether a file holds weights of PyTorch, whose names and shapes tell their net. */
export function isTorchFile({ format }: WeightFile): boolean {
  return /^(torch-|safetensors$)/.test(format);
}

/**
 * Finds the net to which a state dict belongs by the names and shapes of its tensors. A stated id is
 * followed: that of a published net, or that of a family, whose widths are then read from the shapes.
 *
 * @param options `wanted` is the id of a net or family, `size` the side of the pictures in pixels, if it is
 *   not the published one
 * @throws MappingError if no net or several nets fit, or if weights are left over; NotFoundError for an
 *   unknown id
 */
export function recogniseTorch(
  file: WeightFile,
  name: string,
  {
    wanted,
    size,
  }: { readonly wanted?: string | undefined; readonly size?: number | undefined } = {},
): RecognisedFile {
  const stripped = stripPrefixes(file);
  const notes = [...(file.notes ?? [])];
  if (stripped.prefixes.length > 0) {
    notes.push(`names of weights are read without ${stripped.prefixes.join('')}`);
  }
  const head = readHead(stripped.file);
  const read = head?.file ?? stripped.file;
  if (head !== null) {
    notes.push(
      `the head ${head.from} is read as ${head.to}; what else stands in it is not in the file: dropout changes nothing, and the scores before a softmax are explained`,
    );
  }
  const shapes = shapesOf(read);
  const nets = wanted === undefined ? findNets(shapes) : findStated(wanted, shapes, name);
  const [only, ...others] = nets;
  if (only === undefined) throw refuse(name, stripped.file);
  if (others.length > 0) {
    const ids = nets.map(({ net }) => net.id);
    throw new MappingError(
      `${name}: the weights fit ${ids.join(' and ')}, which compute different things; state one with --arch`,
      [],
      [],
    );
  }
  const possible = only.family.lookalikes;
  const lookalikes = possible?.resembles?.(only.net.plan) === false ? undefined : possible;
  if (wanted === undefined && lookalikes?.pattern.test(name)) {
    throw new MappingError(
      `${name}: the weights are those of ${only.net.id}, but the name of the file is that of another net (${lookalikes.what}); ${EXPORT_LINE}`,
      [],
      [],
    );
  }
  const weights = findTorchvisionWeights(name);
  const isPublished = weights?.net === only.net.id;
  const net = isPublished ? { ...only.net, input: weights.input } : only.net;
  if (isPublished) {
    notes.push(`read from the file's name: the weights ${weights.id} of torchvision`);
  }
  const architecture = createTorchArchitecture(only.family, withSize(net, size));
  const match = matchWeights(architecture, read);
  requireCompleteMatch(match, name);
  const rest = match.unused.filter(({ reason }) => reason !== TRAINING_COUNTER);
  const tensors = new Set(read.tensors.map((tensor) => tensor.name));
  const foreign = rest.filter((one) => tensors.has(one.name));
  if (foreign.length > 0 && wanted === undefined) {
    throw new MappingError(
      `${name} looks like ${architecture.id}, but ${foreign.length} of its tensors have no place there, first '${foreign[0]!.name}', so it would compute something else; ${EXPORT_LINE}, or leave them out with --arch ${architecture.id}`,
      [],
      foreign.map((one) => one.name),
    );
  }
  if (foreign.length > 0) {
    notes.push(`${foreign.length} tensors have no place in ${architecture.id} and are left out`);
  }
  const isAssumed = wanted === undefined && !isPublished;
  return {
    ...{ file: read, architecture, isAssumed, isPublished, notes },
    lookalikes: lookalikes?.what,
  };
}

/** Pictures of another size are cut out of the same share of the resized picture. */
function withSize(net: TorchNet, size: number | undefined): TorchNet {
  if (size === undefined) return net;
  const { resize, crop, filter } = net.input ?? USUAL_INPUT;
  return { ...net, input: { resize: (size * resize) / crop, crop: size, filter } };
}

/** The shapes of a file's tensors by their names. */
type Shapes = ReadonlyMap<string, readonly number[]>;

function shapesOf({ tensors }: WeightFile): Map<string, readonly number[]> {
  return new Map(tensors.map(({ name, shape }) => [name, shape]));
}

/** How the head is read if no net has all names of the file; null if a net has them, or none fits. */
function readHead(file: WeightFile): HeadReading | null {
  if (fits(file)) return null;
  return listHeadReadings(file).find((reading) => fits(reading.file)) ?? null;
}

/** Whether a file has all weights of a net. */
function fits(file: WeightFile): boolean {
  return findNets(shapesOf(file)).some(
    ({ family, net }) =>
      matchWeights(createTorchArchitecture(family, net), file).missing.length === 0,
  );
}

interface FoundNet {
  readonly family: TorchFamily;
  readonly net: TorchNet;
}

function findNets(shapes: Shapes): FoundNet[] {
  return TORCH_FAMILIES.flatMap((family) => readNets(family, shapes));
}

/** The members of a family that have these shapes: the published ones, or else one of its own widths. */
function readNets(family: TorchFamily, shapes: Shapes): FoundNet[] {
  const plans = new Map<string, unknown>();
  for (const naming of family.namings) {
    for (const plan of family.readPlans(createFindShape(shapes, naming), naming)) {
      plans.set(JSON.stringify(plan), plan);
    }
  }
  return [...plans].flatMap(([text, plan]) => {
    const published = family.nets.filter((net) => JSON.stringify(net.plan) === text);
    const own = { id: family.id, title: `${family.title} of its own widths (PyTorch)`, plan };
    return (published.length > 0 ? published : [own]).map((net) => ({ family, net }));
  });
}

function findStated(id: string, shapes: Shapes, name: string): FoundNet[] {
  for (const family of TORCH_FAMILIES) {
    const net = family.nets.find((one) => one.id === id);
    if (net !== undefined) return [{ family, net }];
    if (family.id !== id) continue;
    const found = readNets(family, shapes);
    if (found.length > 0) return found;
    throw new MappingError(`${name} is no ${id}: its weights have other names`, [], []);
  }
  const candidates = sortByDistance(id, listTorchIds());
  throw new NotFoundError(
    id,
    `no architecture '${id}' for weights of PyTorch; did you mean '${candidates[0] ?? ''}'? Known: ${listTorchIds().join(', ')}`,
    candidates,
  );
}

/** The most names of weights that a refusal shows. */
const SHOWN = 3;

function refuse(name: string, file: WeightFile): MappingError {
  const near = findNear(file);
  const first = file.tensors.slice(0, SHOWN);
  const shown = first.map((tensor) => `${tensor.name} [${tensor.shape.join(', ')}]`).join(', ');
  const families = TORCH_FAMILIES.map(({ title }) => title).join(', ');
  const what =
    near === null
      ? `${name} holds the weights of no net that is known here (${file.tensors.length} tensors: ${shown}, ..); known are ${families} of torchvision and timm`
      : `${name} looks like ${near}`;
  return new MappingError(`${what}; ${EXPORT_LINE}`, [], []);
}

/** What a net that is not read resembles, and how it differs; null if nothing is found. */
function findNear(file: WeightFile): string | null {
  const shapes = shapesOf(file);
  for (const { place, layers } of findHeads(file)) {
    const first = shapes.get(`${layers[0]!}.weight`)!;
    const last = shapes.get(`${layers.at(-1)!}.weight`)!;
    const changed = new Map(shapes);
    for (const layer of layers) {
      changed.delete(`${layer}.weight`);
      changed.delete(`${layer}.bias`);
    }
    changed.set(`${place}.weight`, [last[0]!, first[1]!]).set(`${place}.bias`, [last[0]!]);
    const [found] = findNets(changed);
    if (found !== undefined) {
      return `${found.net.id}, but its head ${place} has ${layers.length} linear layers (${layers.join(', ')}), and the file does not say what lies between them`;
    }
  }
  const [conv] = file.tensors.filter(({ shape }) => shape.length === 4);
  if (conv === undefined || conv.shape[1] === 3) return null;
  const [out = 0, channels = 0, ...kernel] = conv.shape;
  const [found] = findNets(shapes.set(conv.name, [out, 3, ...kernel]));
  return found === undefined
    ? null
    : `${found.net.id}, but takes pictures of ${channels} ${channels === 1 ? 'channel' : 'channels'} (${conv.name} [${conv.shape.join(', ')}]), where 3 are read`;
}
