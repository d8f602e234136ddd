import type { Architecture } from '../architectures/architecture.ts';
import {
  createTorchArchitecture,
  inputOf,
  type TorchChanges,
  type TorchFamily,
  type TorchNet,
} from '../architectures/torch/family.ts';
import { MappingError } from '../errors.ts';
import { findTorchvisionWeights } from '../registry/torchvision-weights.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { describeRoot, hasOwnBias } from './find-head.ts';
import type { FoundNet } from './find-torch-nets.ts';
import { parseHead } from './head-modules.ts';
import { matchWeights, requireCompleteMatch, TRAINING_COUNTER } from './match-weights.ts';
import { readTorchNames, type HeadFacts } from './read-torch-names.ts';
import { EXPORT_LINE } from './refuse-torch.ts';

/** A file of PyTorch whose net is known. */
export interface RecognisedFile {
  /** The file with the names that the architecture has. */
  readonly file: WeightFile;
  readonly architecture: Architecture;
  /** Whether the net was recognised, and not stated. */
  readonly isAssumed: boolean;
  /** The function between the layers of a net that was recognised. */
  readonly activation?: string;
  /** The library of a net that was recognised, whose preparation of pictures is taken. */
  readonly library?: string | undefined;
  /** Other nets that have the same weights. */
  readonly lookalikes?: string | undefined;
  /** Whether these are weights that torchvision publishes, with known preparation and classes. */
  readonly isPublished: boolean;
  /** The head, where it is none of the published ones. */
  readonly head?: HeadFacts | undefined;
  /** What was read, left out or recognised, a sentence each. */
  readonly notes: readonly string[];
}

/** What a caller states about a state dict. */
export interface StatedNet {
  /** The id of a net, or that of a family, whose widths are then read from the shapes. */
  readonly wanted?: string | undefined;
  /** The side of the pictures in pixels, if it is not the published one. */
  readonly size?: number | undefined;
  /** The modules of the head, such as `linear,relu,dropout,linear`, or the function between all of them. */
  readonly head?: string | undefined;
}

/**
 * Finds the net to which a state dict belongs by the names and shapes of its tensors. What is stated is
 * followed.
 *
 * @throws MappingError if no net or several nets fit, or if weights are left over; NotFoundError for an
 *   unknown id; UnsupportedError for a head of modules that are not known
 */
export function recogniseNames(
  file: WeightFile,
  name: string,
  { wanted, size, head }: StatedNet,
): RecognisedFile {
  const modules = head === undefined ? undefined : parseHead(head);
  const reading = readTorchNames(file, name, { wanted, modules });
  const notes = [...(file.notes ?? []), ...reading.notes];
  const { file: read, nets } = reading;
  const [only, ...others] = nets;
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
  const isPublished = weights?.net === only.net.id && reading.head === undefined;
  const net = isPublished ? { ...only.net, input: weights.input } : only.net;
  if (isPublished) {
    notes.push(`read from the file's name: the weights ${weights.id} of torchvision`);
  }
  const changes = describeChanges(read, only, reading.head);
  const sized = withSize(only.family, net, size);
  const architecture = createTorchArchitecture(only.family, sized, changes);
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
    activation: only.family.activation,
    library: sized.input?.library,
    head: reading.head,
    lookalikes: lookalikes?.what,
  };
}

function describeChanges(
  file: WeightFile,
  found: FoundNet,
  head: HeadFacts | undefined,
): TorchChanges {
  const root = hasOwnBias(found.family) ? { channels: found.channels } : describeRoot(file, found);
  return { ...root, head: head && { place: head.place, plan: head.plan } };
}

/** Pictures of another size are cut out of the same share of the resized picture. */
function withSize(family: TorchFamily, net: TorchNet, size: number | undefined): TorchNet {
  const input = inputOf(family, net);
  if (size === undefined) return { ...net, input };
  return { ...net, input: { ...input, resize: (size * input.resize) / input.crop, crop: size } };
}
