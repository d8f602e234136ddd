import { GradcamError } from '../base/errors.ts';
import { nearestNames, didYouMean } from '../base/nearest-names.ts';
import type { DeletionOptions } from './faithfulness/deletion-insertion.ts';
import type { MaskedImageOptions } from './faithfulness/masked-image.ts';
import type { RoadOptions } from './faithfulness/road.ts';

/** Settings under which our metrics give another program's numbers. */
export interface EvidencePreset {
  readonly name: string;
  /** What the settings imitate. */
  readonly title: string;
  readonly deletion?: DeletionOptions;
  readonly insertion?: DeletionOptions;
  readonly maskedImage?: MaskedImageOptions;
  readonly road?: RoadOptions;
  /** Where the numbers differ from the program's, and why. One sentence each. */
  readonly differences: readonly string[];
}

/** How RISE's published evaluation and xplique order pixels and compute areas. */
const reversed = { ties: 'last', spacing: 'equal' } as const;

/** All presets of the metrics. RISE's steps are set for inputs of 224 x 224 pixels. */
export const evidencePresets: readonly EvidencePreset[] = [
  {
    name: 'rise',
    title: "RISE's published evaluation (evaluation.py)",
    deletion: { ...reversed, pixelsPerStep: 224, replacement: 0 },
    insertion: { ...reversed, pixelsPerStep: 224, replacement: 'blur' },
    differences: [
      'RISE explains the most probable class of the untouched image; here the caller chooses the score.',
    ],
  },
  {
    name: 'xplique',
    title: 'xplique 1.4',
    deletion: { ...reversed, steps: 10, rounding: 'even', replacement: 0 },
    insertion: { ...reversed, steps: 10, rounding: 'even', replacement: 0 },
    maskedImage: { mask: 'magnitude', replacement: 0, drop: 'share' },
    differences: [
      'xplique adds 1e-8 where it divides, so a score of 0 gives a number there and no result here.',
      "xplique's gain of a logit is a number without a meaning; here it has no result.",
    ],
  },
  {
    name: 'torchcam',
    title: 'torch-cam 0.4',
    deletion: { steps: 20, replacement: 0 },
    insertion: { steps: 20, replacement: 0 },
    maskedImage: { mask: 'given', replacement: 0, drop: 'share' },
    differences: [
      'torch-cam adds 1e-7 where it divides; a share of a negative logit, whose sign is turned there, has no result here.',
      'torch-cam normalises its own maps at the layer before it enlarges them, so pass the map that it shows.',
    ],
  },
  {
    name: 'pytorch-grad-cam',
    title: 'pytorch-grad-cam 1.5',
    maskedImage: { mask: 'given', replacement: 0, drop: 'difference' },
    road: { noise: 0.01 },
    differences: [
      'ROAD removes pixels by rank: a map with many equal values loses the stated share here, and every pixel there.',
      "the noise of ROAD is of our generator with the stated seed, not of PyTorch's global one.",
    ],
  },
];

/**
 * Finds a preset of the metrics by its name.
 *
 * @throws GradcamError `not-found` with similar names.
 */
export function findEvidencePreset(name: string): EvidencePreset {
  const found = evidencePresets.find((preset) => preset.name === name);
  if (found !== undefined) return found;
  const names = evidencePresets.map((preset) => preset.name);
  const candidates = nearestNames(name, names);
  throw new GradcamError(
    'not-found',
    `no preset of the metrics '${name}'${didYouMean(candidates)}; there are ${names.join(', ')}`,
    { candidates },
  );
}
