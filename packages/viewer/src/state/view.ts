import {
  lineSelections,
  type Certainty,
  type ColormapName,
  type GradientStyle,
} from '@gradcam/core';

/** The selections of images, which apply before the text filter. */
export const selections = [...lineSelections, 'changed'] as const;
export type Selection = (typeof selections)[number];

/** The orders of the grid. */
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

/**
 * The pictures of a map: over the image, alone, as cells without interpolation, or the image without the
 * map.
 */
export const pictureKinds = ['overlay', 'heatmap', 'cells', 'original'] as const;
export type PictureKind = (typeof pictureKinds)[number];

/** The ways to compare a second picture with the first. */
export const comparisons = ['none', 'side', 'swipe', 'difference'] as const;
export type Comparison = (typeof comparisons)[number];

/** The two ways to look at one image: one map large, or all of them as a table. */
export const sheets = ['map', 'matrix'] as const;
export type Sheet = (typeof sheets)[number];

/** Everything that a permalink contains: what the page shows of a run. */
export interface View {
  readonly query: string;
  readonly selection: Selection;
  /** Index of the predicted class; null for any. */
  readonly predicted: number | null;
  /** Index of the true class; null for any. */
  readonly truth: number | null;
  readonly certainty: Certainty;
  readonly order: Order;
  /** The least width of a card, in rem. */
  readonly size: number;
  /** The key of the enlarged image's entry, or null. A path alone means the image's first entry. */
  readonly image: string | null;
  /** The key of the enlarged image's explanation, see `explanationKey`; null for the first. */
  readonly explanation: string | null;
  readonly sheet: Sheet;
  readonly picture: PictureKind;
  /** Whether boxes and peaks are drawn. */
  readonly marks: boolean;
  readonly comparison: Comparison;
  /**
   * What the map is compared with: one of its own pictures, another explanation's key, or `other-run`. Null
   * means the other run if there is one, and otherwise the map's cells.
   */
  readonly against: string | null;
  /** The position of the swipe's line, 0..1 from the left. */
  readonly swipe: number;
  /** Null for the colormap of the run. */
  readonly colormap: ColormapName | null;
  /** 0..1; null for the opacity of the run. */
  readonly opacity: number | null;
  /** 0..1, share of the map's maximum. */
  readonly threshold: number;
  readonly gamma: number;
  /** How maps at pixels are drawn; null for the way of the run. */
  readonly gradients: GradientStyle | null;
}

/** The view of a page that is opened without a permalink. */
export const defaultView: View = {
  query: '',
  selection: 'all',
  predicted: null,
  truth: null,
  certainty: 'any',
  order: 'run',
  size: 21,
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
  gradients: null,
};
