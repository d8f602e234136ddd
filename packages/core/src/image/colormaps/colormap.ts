import { GradcamError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import { infernoTable, turboTable, viridisTable } from './tables.generated.ts';

/** 256 RGB colours for the values 0..1. */
export type Colormap = Uint8Array;

/** Names of the colormaps. The first is the default. */
export const colormapNames = ['turbo', 'jet', 'viridis', 'inferno', 'gray'] as const;

export type ColormapName = (typeof colormapNames)[number];

/**
 * The table of a colormap: 768 bytes, three for each of 256 steps.
 *
 * @throws GradcamError `argument` for an unknown name.
 */
export function getColormap(name: ColormapName): Colormap {
  if (!colormapNames.includes(name)) {
    throw new GradcamError(
      'argument',
      `no colormap '${String(name)}'; there is ${colormapNames.join(', ')}`,
      { candidates: nearestNames(String(name), colormapNames) },
    );
  }
  if (name === 'jet') return tabulate(jet);
  if (name === 'gray') return tabulate((value) => [value, value, value]);
  const hex = { turbo: turboTable, viridis: viridisTable, inferno: infernoTable }[name];
  return Uint8Array.from({ length: 768 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** OpenCV's COLORMAP_JET, which the published Grad-CAM figures use. */
function jet(value: number): [number, number, number] {
  const ramp = (offset: number): number =>
    Math.min(1, Math.max(0, Math.min(4 * value - offset, offset + 3 - 4 * value)));
  return [ramp(1.5), ramp(0.5), ramp(-0.5)];
}

function tabulate(colour: (value: number) => readonly number[]): Colormap {
  const table = new Uint8Array(768);
  for (let i = 0; i < 256; i++) {
    colour(i / 255).forEach((part, c) => (table[i * 3 + c] = roundHalfEven(part * 255)));
  }
  return table;
}

/** Rounds halves to even, like OpenCV. Many steps of jet lie half way between two integers. */
function roundHalfEven(value: number): number {
  const half = Math.round(value * 2) / 2;
  const isTie = Math.abs(value - half) < 1e-9 && !Number.isInteger(half);
  return isTie ? 2 * Math.round(half / 2) : Math.round(value);
}
