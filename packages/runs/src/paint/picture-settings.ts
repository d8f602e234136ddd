import { colormapNames, type BoxRule, type GradientStyle } from '@gradcam/core';

/** The values of `--save`: kinds of files that are written for each explanation. */
export const saveKinds = ['overlay', 'heatmap', 'raw', 'display', 'boxes', 'masks'] as const;

/** The values of `--format`: how overlays and heatmaps are encoded. WebP has losses. */
export const pictureFormats = ['png', 'webp'] as const;

export type PictureFormat = (typeof pictureFormats)[number];

export type SaveKind = (typeof saveKinds)[number];

/** The values of `--overlay`: one opacity, an opacity that follows the value, or contour lines. */
export const overlayModes = ['blend', 'alpha', 'contour'] as const;

export type OverlayMode = (typeof overlayModes)[number];

/**
 * The values of `--colormap`. `diverging` shows the signed map: red speaks for the class and blue against it.
 */
export const colourings = [...colormapNames, 'diverging'] as const;

export type Colouring = (typeof colourings)[number];

/** The files that are written for each explanation, and how they look. */
export interface SaveSettings {
  readonly save: readonly SaveKind[];
  readonly colormap: Colouring;
  /** How maps at pixels are drawn; `diverging` as the colormap draws them `signed`. */
  readonly gradients: GradientStyle;
  /**
   * Opacity of the map in overlays, 0..1. Maps at pixels in their own colours stand in the place of the
   * image.
   */
  readonly alpha: number;
  /** The format of overlays and heatmaps; default PNG. */
  readonly format?: PictureFormat;
  readonly overlay: OverlayMode;
  /** Whether overlays get a legend. */
  readonly legend: boolean;
  /** The rule that finds the box of a map. */
  readonly box: BoxRule;
  /** Whether contact sheets are written at the end of the run. */
  readonly sheet: boolean;
  /** Whether a figure as in the paper is written for each image. */
  readonly figure: boolean;
  /** Whether animations over the layers are written for each image. */
  readonly sweep: boolean;
  /** Name and version of the program, as every picture states it. */
  readonly software: string;
  /** The model as `run.json` names it; it goes into the texts of the pictures. */
  readonly model?: { readonly id: string; readonly digest: string };
}
