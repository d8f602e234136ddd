import type { ColormapName } from '../image/colormaps/colormap.ts';
import type { PeerColours } from '../image/colormaps/peer-colours.ts';
import type { Method } from '../methods/method.ts';
import type { ReluPolicy } from '../network/op.ts';
import type { DisplayStep } from './display-step.ts';

/**
 * Libraries and programs whose maps can be imitated; we call them peers. What stands behind a colon is an
 * option of the peer.
 */
export const presetNames = [
  'pytorch-grad-cam',
  'pytorch-grad-cam:aug-smooth',
  'pytorch-grad-cam:eigen-smooth',
  'torchcam',
  'tf-keras-vis',
  'tf-keras-vis:logits',
  'captum',
  'captum:signed',
  'tfjs-examples',
  'insikk',
  'cnn-fixations',
] as const;

export type PresetName = (typeof presetNames)[number];

/** The score that a peer differentiates. */
export type PresetScore = 'logit' | 'probability' | 'negative-log-probability';

/** How a peer lays its map over the image. All numbers are 0..1. */
export interface OverlayRule {
  readonly colormap: ColormapName | PeerColours;
  /** Number of steps of the colormap: the index of a colour is floor(value * steps). */
  readonly steps: 64 | 255 | 256;
  /** The exponent that is applied to the map before it is coloured. */
  readonly power: 1 | 2;
  /** Whether the map is scaled to 0..1 by its own range before it is coloured. */
  readonly stretch: boolean;
  /** The picture is image * imageWeight + colour * colourWeight. */
  readonly imageWeight: number;
  readonly colourWeight: number;
  /** Whether the picture is divided by its largest value, which changes its brightness. */
  readonly rescale: boolean;
}

/** How a peer does one method. A field that is absent is as in the preset and in our own method. */
export interface ImitatedMethod {
  readonly imitated: true;
  /** Computes the peer's raw maps, where its formula or its passes differ from our method's. */
  readonly explain?: Method['explain'];
  /** The steps from the raw map to the displayed map, where they differ from the preset's. */
  readonly display?: readonly DisplayStep[];
  /** The score of the gradients at the input, where it differs from the score at the layers. */
  readonly inputScore?: PresetScore;
  /** The ReLUs to which the method's policy applies, where it is not all of them. */
  readonly relus?: 'unbounded' | 'function';
  /** True where the peer leaves the map's sign to its linear algebra library, so that it may be the other. */
  readonly isOfEitherSign?: true;
  /** For the table in the docs: what differs from our method, or what cannot be repeated. */
  readonly note?: string;
}

/** A method that the peer offers and we do not imitate. */
export interface UnimitatedMethod {
  readonly imitated: false;
  /** What the peer does differently. */
  readonly reason: string;
}

export type PeerMethod = ImitatedMethod | UnimitatedMethod;

/** The conventions of a peer, as data: from the score to the picture that its users know. */
export interface Preset {
  readonly name: PresetName;
  /** The peer's repository, and the version or commit of it that was read. */
  readonly source: string;
  /** The score that is differentiated. `probability` is the model's output, which may also be linear. */
  readonly score: PresetScore;
  /** The ReLU policy of the backward pass from the score to a layer. */
  readonly tail: ReluPolicy;
  /** The steps from the raw map of a layer to the displayed map, in the model's input size. */
  readonly display: readonly DisplayStep[];
  /** Whether displayed maps keep negative values. */
  readonly signed: boolean;
  readonly overlay: OverlayRule;
  /**
   * For a peer that shows several layers as one map: the steps from each layer's raw map to the maps whose
   * mean it takes. The mean is displayed by `display`.
   */
  readonly layerMean?: readonly DisplayStep[];
  /** A preset whose displayed maps of augmented inputs are averaged: see `augment.ts`. */
  readonly augments?: Preset;
  /** By our names of the methods. The peer does not offer a method that is absent here. */
  readonly methods: Readonly<Record<string, PeerMethod>>;
}
