import type { Architecture, InputSpec, Variant } from '../architecture.ts';
import type { NetworkDraft, WeightRecord } from '../network.ts';
import { findScores, replaceHead, type HeadPlace, type HeadPlan } from './head.ts';
import { changeRoot, COLOURS } from './root.ts';

/**
 * Finds the shape of a file's tensor by the name that torchvision gives it, such as `layer1.0.bn1.weight`.
 */
export type FindShape = (name: string) => readonly number[] | undefined;

/**
 * A family of nets of PyTorch. A plan is what its members differ in, such as the number of units and their
 * widths, as plain data. It is read from the shapes of the weights, so members of any width are known.
 */
export interface TorchFamily<Plan = unknown> {
  /** The id of members that no published net is, such as `resnet`. */
  readonly id: string;
  readonly title: string;
  /** The function between its layers, as PyTorch calls it. No weight shows it. */
  readonly activation: string;
  /** The preparation of pictures of members that state no other; default {@link USUAL_INPUT}. */
  readonly input?: TorchInput;
  /** Published members. */
  readonly nets: readonly TorchNet<Plan>[];
  /** The names of weights in the libraries that have the family, torchvision's first. */
  readonly namings: readonly TorchNaming[];
  /**
   * Reads the plans that fit the shapes of a file: none if the file holds no net of the family, and several
   * if nets with the same weights compute different things.
   */
  readPlans(find: FindShape, naming: TorchNaming): readonly Plan[];
  draft(plan: Plan, size: number, classes: number): NetworkDraft;
  /** The bias whose length is the number of classes, and the layer of the scores. */
  readonly classWeight: string;
  readonly logits: string;
  defaultEndpoint(plan: Plan): string;
  /** The first convolution, by torchvision's name, whose input the picture is. */
  readonly root: string;
  /** Where a head of a trainer's own may stand, the place that leaves most of the net first. */
  readonly heads: readonly HeadPlace[];
  /** Other nets that have the same weights; only the name of a file may tell them. */
  readonly lookalikes?: Lookalikes<Plan>;
}

/** Nets whose weights have the names and shapes of a family, and that compute something else. */
export interface Lookalikes<Plan = unknown> {
  /** Their names. */
  readonly pattern: RegExp;
  /** What they are, as a part of a sentence. */
  readonly what: string;
  /** Whether a member of the family can be taken for one of them; by default any can. */
  resembles?(plan: Plan): boolean;
}

/** A published net. */
export interface TorchNet<Plan = unknown> {
  readonly id: string;
  readonly title: string;
  readonly plan: Plan;
  /** The preparation of pictures, where it differs from that of most nets. */
  readonly input?: TorchInput;
  /** The library that has this net, if others have a different one with the same weights. */
  readonly library?: string;
}

/** How a library of PyTorch names the weights of a family. */
export interface TorchNaming {
  readonly library: string;
  /** The names that the part of a weight may have in the library; its own by default. */
  nameParts?(part: string): readonly string[];
}

/** The numbers with which pictures are prepared. */
export interface TorchInput {
  /** The short side after resizing, and the side of the square that is cut out of it. */
  readonly resize: number;
  readonly crop: number;
  readonly filter: 'bilinear' | 'bicubic';
  /** Mean and deviation of RGB from 0 to 1; default those of ImageNet. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  /** The library whose numbers these are. Default: torchvision. */
  readonly library?: string;
}

/** The preparation for which most nets of torchvision were first published. */
export const USUAL_INPUT: TorchInput = { resize: 256, crop: 224, filter: 'bilinear' };

/**
 * Mean and deviation of ImageNet's colours, as RGB from 0 to 1. torchvision and timm use them for all nets.
 */
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;

/**
 * The input of a net for gray pictures. There is no usual preparation, so it is the one that `ToTensor` does
 * alone.
 */
const GRAY = { channelOrder: 'gray', scale: 1 / 255, mean: [0], std: [1] } as const;

/** Number of classes with which the nets were published. */
const IMAGENET_CLASSES = 1000;

/** Describes the input of a net of torchvision or timm. */
export function describeTorchInput(input: TorchInput): InputSpec {
  const { resize, crop, filter, mean = MEAN, std = DEVIATION } = input;
  return {
    height: crop,
    width: crop,
    channelOrder: 'rgb',
    scale: 1 / 255,
    mean,
    std,
    fit: 'crop',
    cropFraction: crop / resize,
    resize: `${filter}-antialias`,
    pad: mean.map((value) => value * 255),
  };
}

/** The preparation of pictures for a member of a family. */
export function inputOf<Plan>(family: TorchFamily<Plan>, net: TorchNet<Plan>): TorchInput {
  return net.input ?? family.input ?? USUAL_INPUT;
}

/** What a trainer has changed in a net of a library, as far as the file shows it. */
export interface TorchChanges {
  /** The number of channels of the pictures; 1 is a net for gray pictures. Default: 3. */
  readonly channels?: number | undefined;
  /** Whether the first convolution has a bias, where the published net has none. */
  readonly rootBias?: boolean | undefined;
  readonly head?: { readonly place: HeadPlace; readonly plan: HeadPlan } | undefined;
}

/** Makes the architecture of a member of a family. */
export function createTorchArchitecture<Plan>(
  family: TorchFamily<Plan>,
  net: TorchNet<Plan>,
  changes: TorchChanges = {},
): Architecture {
  const { channels = COLOURS, head } = changes;
  const usual = describeTorchInput(inputOf(family, net));
  const input = channels === 1 ? { ...usual, ...GRAY } : usual;
  const own = new Set(head?.plan.layers.map(({ path }) => path));
  const scores = head && findScores(head.plan);
  return {
    id: net.id,
    title: net.title,
    classes: IMAGENET_CLASSES,
    labels: 'imagenet-1000',
    variants: family.namings
      .filter(({ library }) => library === (net.library ?? library))
      .map((naming): Variant => ({
        naming: naming.library,
        input,
        layout: 'torch',
        nameWeight: (weight) =>
          nameTorchWeight(weight, own.has(weight.part) ? { library: 'the file' } : naming),
      })),
    classWeight: scores ? `${scores.path}/kernel` : family.classWeight,
    logits: scores?.path ?? family.logits,
    defaultEndpoint: family.defaultEndpoint(net.plan),
    draft: (classes) => {
      const draft = changeRoot(family.draft(net.plan, input.height, classes), changes);
      return head === undefined ? draft : replaceHead(draft, head.place, head.plan);
    },
  };
}

const SUFFIXES: Readonly<Record<WeightRecord['parameter'], string>> = {
  kernel: '.weight',
  depthwise_kernel: '.weight',
  gamma: '.weight',
  beta: '.bias',
  bias: '.bias',
  moving_mean: '.running_mean',
  moving_variance: '.running_var',
  layer_scale: '',
};

/** Makes the function that finds shapes of a file whose names are those of a library. */
export function createFindShape(
  shapes: ReadonlyMap<string, readonly number[]>,
  naming: TorchNaming,
): FindShape {
  return (name) => {
    const [, part = name, suffix = ''] =
      /^(.*?)(\.(?:weight|bias|running_mean|running_var))?$/.exec(name) ?? [];
    const parts = naming.nameParts?.(part) ?? [part];
    return parts.map((one) => shapes.get(one + suffix)).find((shape) => shape !== undefined);
  };
}

function nameTorchWeight({ part, parameter }: WeightRecord, naming: TorchNaming): string[] {
  const parts = naming.nameParts?.(part) ?? [part];
  return parts.map((name) => `${name}${SUFFIXES[parameter]}`);
}
