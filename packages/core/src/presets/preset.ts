import type { NdArray } from '../base/nd-array.ts';
import type { ColormapName } from '../image/colormaps/colormap.ts';
import type { Session } from '../engines/port/engine.ts';
import type { MethodInputs, PixelInputs, RunMethodOptions } from '../methods/method.ts';
import type { ReluPolicy } from '../network/op.ts';
import type { DisplayStep } from './display-step.ts';

/** Libraries and programs whose maps can be imitated. */
export const presetNames = [
  'pytorch-grad-cam',
  'torchcam',
  'tf-keras-vis',
  'captum',
  'tfjs-examples',
  'insikk',
] as const;

export type PresetName = (typeof presetNames)[number];

/** What a peer differentiates. */
export type PresetScore = 'logit' | 'probability' | 'negative-log-probability';

/** How a peer lays its map over the image, in numbers of 0..1. */
export interface OverlayRule {
  readonly colormap: ColormapName | 'diverging';
  /** Steps of the colormap: value * steps, cut to a whole number, is the colour's index. */
  readonly steps: 64 | 255 | 256;
  /** The map is raised to this before it is coloured. */
  readonly power: 1 | 2;
  /** Whether the map is brought to 0..1 by its own range before it is coloured. */
  readonly stretch: boolean;
  /** image * imageWeight + colour * colourWeight, */
  readonly imageWeight: number;
  readonly colourWeight: number;
  /** divided by its largest value where this is set: the picture's brightness drifts. */
  readonly rescale: boolean;
}

/** What a peer's raw map is computed from, where its formula is not ours. */
export interface VariantInputs extends MethodInputs {
  /** The score whose gradients these are. */
  readonly score: number;
}

/**
 * A method of many runs as a peer does it: the raw map of each seed, [rows, columns] at the layer or
 * the input, or [height, width, channels].
 */
export type PeerRun = (
  session: Session,
  input: NdArray,
  options: RunMethodOptions,
) => Promise<readonly NdArray[]>;

/** How a peer does one method; what is not given is as the preset says and as the method's own. */
export interface ImitatedMethod {
  readonly imitated: true;
  /** The peer's raw map at a layer [rows, columns], where its formula is another. */
  readonly gridMap?: (inputs: VariantInputs) => NdArray;
  /** The peer's raw map at the input [height, width, channels], where its formula is another. */
  readonly pixelMap?: (inputs: PixelInputs) => NdArray;
  /** The peer's raw maps of a method of many runs, where it does them in another way. */
  readonly runMaps?: PeerRun;
  readonly display?: readonly DisplayStep[];
  /** Of the gradients at the input, where it is not the preset's; the layer keeps that. */
  readonly inputScore?: PresetScore;
  /** In the docs' table: what differs from ours, or what cannot be repeated. */
  readonly note?: string;
}

/** A method that the peer has and this version does not imitate. */
export interface UnimitatedMethod {
  readonly imitated: false;
  /** What the peer does differently. */
  readonly reason: string;
}

export type PeerMethod = ImitatedMethod | UnimitatedMethod;

/** The conventions of a peer, as data: from one raw map to the picture that its users know. */
export interface Preset {
  readonly name: PresetName;
  /** The repository, and the state of it that was read. */
  readonly source: string;
  /** What is differentiated; a probability is the model's output, which may as well be linear. */
  readonly score: PresetScore;
  /** What ReLUs between the layer and the score let through on the way back. */
  readonly tail: ReluPolicy;
  /** From the raw map of a layer to the displayed map at the model's input size. */
  readonly display: readonly DisplayStep[];
  /** Whether displayed maps keep negative values. */
  readonly signed: boolean;
  readonly overlay: OverlayRule;
  /** By our names; a method that is not here is not offered by the peer. */
  readonly methods: Readonly<Record<string, PeerMethod>>;
}
