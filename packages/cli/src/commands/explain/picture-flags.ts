import { boxRules, gradientStyles } from '@gradcam/core';
import {
  colourings,
  overlayModes,
  pictureFormats,
  type SaveKind,
  saveKinds,
  type SaveSettings,
} from '@gradcam/runs';
import { choose } from '../../flags/choose.ts';
import { softwareText } from '../../own-version.ts';
import { parseFraction, splitList } from '../../flags/flag-values.ts';

/** The flags that say what is made from each explanation, as commander hands them over. */
export interface PictureFlags {
  readonly save: string;
  readonly colormap: string;
  readonly gradients: string;
  readonly alpha: string;
  readonly overlay: string;
  readonly format: string;
  readonly legend?: boolean;
  readonly box: string;
  readonly sheet?: boolean;
  readonly sweep?: boolean;
  readonly figure?: boolean;
}

/** @throws CommandError 64 naming the flag, the values that it takes and the value given. */
export function parsePictureFlags(flags: PictureFlags): SaveSettings {
  return {
    save: splitList('--save', flags.save).map((kind): SaveKind =>
      choose('--save', kind, saveKinds),
    ),
    colormap: choose('--colormap', flags.colormap, colourings),
    gradients: choose('--gradients', flags.gradients, gradientStyles),
    alpha: parseFraction('--alpha', flags.alpha),
    overlay: choose('--overlay', flags.overlay, overlayModes),
    format: choose('--format', flags.format, pictureFormats),
    legend: flags.legend === true,
    box: choose('--box', flags.box, boxRules),
    sheet: flags.sheet === true,
    sweep: flags.sweep === true,
    figure: flags.figure === true,
    software: softwareText,
  };
}
