import type { Box } from '../localise/box.ts';
import type { Rle } from '../localise/rle.ts';
import type { Target } from '../targets/target.ts';

/** `run.json`: what a run of the command was asked to do, with what. */
export interface RunFile {
  readonly schema: 1;
  readonly status: 'running' | 'done';
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly model: { readonly id: string; readonly path: string; readonly digest: string };
  readonly engine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: RunSettings;
  /** What was assumed about the model because nobody said it. */
  readonly assumptions: readonly string[];
  readonly counts?: { readonly done: number; readonly failed: number };
}

/** The settings that change results. */
export interface RunSettings {
  readonly methods: readonly string[];
  readonly targets: readonly string[];
  readonly layers: readonly string[];
  readonly save: readonly string[];
  readonly colormap: string;
  readonly alpha: number;
  readonly fit: string;
  /** How overlays are made; absent for `blend`. */
  readonly overlay?: string;
  /** Whether a legend is below each overlay. */
  readonly legend?: boolean;
  /** The rule of boxes and masks; absent for the paper's. */
  readonly box?: string;
  /** Whether there are animations over the layers. */
  readonly sweep?: boolean;
  /** Budget of the methods that run the model many times, where one was given. */
  readonly runs?: number;
  /** Preset of another library, in whose way the pictures are made. */
  readonly like?: string;
}

/** A class with its score. */
export interface Prediction {
  readonly index: number;
  readonly label?: string;
  /** 0..1 */
  readonly probability: number;
  readonly logit: number;
}

/** Why a map is blank or hard to trust; advice in words for a blank one. */
export interface Diagnostics {
  readonly probability: number;
  /** Euclidean norm of the score's gradient at the layer. */
  readonly gradientNorm: number;
  /** Share of the raw map's cells below zero. */
  readonly negativeShare: number;
  /** Width and height of a raw cell in pixels of the original. */
  readonly cellSize: readonly [width: number, height: number];
  /** Present when the displayed map is zero everywhere. */
  readonly blank?: string;
}

/** One explanation of one image, as in `results.jsonl`. */
export interface ResultExplanation {
  readonly method: string;
  readonly layer: string;
  readonly target: Target;
  readonly score: number;
  /** [rows, columns] of the raw map. */
  readonly grid: readonly [number, number];
  readonly relu: boolean;
  /** Kind of file to its path, relative to the run's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Pixels of the original image. */
  readonly peak: { readonly x: number; readonly y: number };
  readonly box: Box | null;
  /** The pixels that the box is around, where boxes were asked for and there are any. */
  readonly mask?: Rle & { readonly area: number };
  readonly diagnostics: Diagnostics;
}

/** An animation of one method's maps for one target, a frame a layer. */
export interface ResultSweep {
  readonly method: string;
  readonly target: Target;
  /** In the order of the frames, from the image to the scores. */
  readonly layers: readonly string[];
  /** Relative to the run's folder. */
  readonly file: string;
}

/** A line of `results.jsonl` for an image that was explained. */
export interface ResultLine {
  readonly image: string;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly predictions: readonly Prediction[];
  readonly explanations: readonly ResultExplanation[];
  /** Where they were asked for. */
  readonly sweeps?: readonly ResultSweep[];
  readonly ms: number;
}

/** A line of `results.jsonl` for an image that could not be explained. */
export interface FailureLine {
  readonly image: string;
  readonly error: string;
}
