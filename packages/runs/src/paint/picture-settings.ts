import { colormapNames, type BoxRule } from '@gradcam/core';

/** Kinds of files that `--save` takes. */
export const saveKinds = ['overlay', 'heatmap', 'raw', 'display', 'boxes', 'masks'] as const;

export type SaveKind = (typeof saveKinds)[number];

/** What `--overlay` takes: one opacity, opacity by value, or lines. */
export const overlayModes = ['blend', 'alpha', 'contour'] as const;

export type OverlayMode = (typeof overlayModes)[number];

/** What `--colormap` takes; `diverging` shows the signed map, red for the class and blue against it. */
export const colourings = [...colormapNames, 'diverging'] as const;

export type Colouring = (typeof colourings)[number];

/** What is made from each explanation, and how. */
export interface SaveSettings {
  readonly save: readonly SaveKind[];
  readonly colormap: Colouring;
  readonly alpha: number;
  readonly overlay: OverlayMode;
  readonly legend: boolean;
  readonly box: BoxRule;
  /** Whether the run ends with contact sheets. */
  readonly sheet: boolean;
  /** Whether each image gets animations over the layers. */
  readonly sweep: boolean;
  /** Name and version of the program, as every picture states it. */
  readonly software: string;
  /** The model as `run.json` names it; it goes into the texts of the pictures. */
  readonly model?: { readonly id: string; readonly digest: string };
}
