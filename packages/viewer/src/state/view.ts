import type { ColormapName } from '@gradcam/core';

/** Which images the grid shows, before the text filter. */
export const selections = ['all', 'failed', 'blank', 'wrong', 'changed'] as const;
export type Selection = (typeof selections)[number];

/** How sure the model is of its first class. */
export const certainties = ['any', 'unsure', 'between', 'sure'] as const;
export type Certainty = (typeof certainties)[number];

/** In which order the grid shows images. */
export const orders = [
  'run',
  'name',
  'class',
  'least-sure',
  'most-sure',
  'wrong-first',
  'score-drop',
] as const;
export type Order = (typeof orders)[number];

/** What is seen of a map: over the image, alone, as its true cells, or the image without it. */
export const pictureKinds = ['overlay', 'heatmap', 'cells', 'original'] as const;
export type PictureKind = (typeof pictureKinds)[number];

/** How a second picture is seen with the first. */
export const comparisons = ['none', 'side', 'swipe', 'difference'] as const;
export type Comparison = (typeof comparisons)[number];

/** The two ways to look at one image: one map large, or all of them as a table. */
export const sheets = ['map', 'matrix'] as const;
export type Sheet = (typeof sheets)[number];

/** All that a permalink holds: what the page shows of a run. */
export interface View {
  readonly query: string;
  readonly selection: Selection;
  /** Index of the predicted class; null for any. */
  readonly predicted: number | null;
  readonly certainty: Certainty;
  readonly order: Order;
  /** The enlarged image. */
  readonly image: string | null;
  /** The enlarged image's explanation, see `explanationKey`; null for the first. */
  readonly explanation: string | null;
  readonly sheet: Sheet;
  readonly picture: PictureKind;
  /** Whether boxes and peaks are drawn. */
  readonly marks: boolean;
  readonly comparison: Comparison;
  /**
   * What the map is compared with: a picture kind of its own, another explanation's key, or
   * `other-run`; null for the other run where there is one, else the map's cells.
   */
  readonly against: string | null;
  /** Where the swipe stands, 0..1 from the left. */
  readonly swipe: number;
  /** null for what the run was made with. */
  readonly colormap: ColormapName | null;
  /** 0..1, null for what the run was made with. */
  readonly opacity: number | null;
  /** 0..1, share of the map's maximum. */
  readonly threshold: number;
  readonly gamma: number;
}

/** The view of a page that is opened without a permalink. */
export const defaultView: View = {
  query: '',
  selection: 'all',
  predicted: null,
  certainty: 'any',
  order: 'run',
  image: null,
  explanation: null,
  sheet: 'map',
  picture: 'overlay',
  marks: true,
  comparison: 'none',
  against: null,
  swipe: 0.5,
  colormap: null,
  opacity: null,
  threshold: 0,
  gamma: 1,
};
