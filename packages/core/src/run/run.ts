import type { Region, Box } from '../base/rectangle.ts';
import type { BoxRule } from './box-rule.ts';
import type { SampleScale } from './sample-scale.ts';

/** A target after a run: always with the class it came to, as it stands in `results.jsonl`. */
export interface Target {
  readonly kind:
    | 'class'
    | 'not'
    | 'contrast'
    | 'function'
    | 'value'
    | 'region'
    | 'pixel'
    | 'element'
    | 'box'
    | 'similar';
  /** -1 where it is about no class. */
  readonly index: number;
  /** The class's name; of a function its own, of a similarity the other image's. */
  readonly label?: string;
  /** For `contrast`: the other class. */
  readonly than?: number;
  /** Of a region its limits, of a pixel its place, of a box where it is: in pixels of the original. */
  readonly at?: Region | { readonly x: number; readonly y: number };
  /** For `element`: its place along each axis of the output. */
  readonly element?: readonly number[];
  /** For `box`: its number among those that are listed for the image, 1 for the best. */
  readonly box?: number;
}

/** A mask as COCO writes it: run lengths, column by column, packed into a string. */
export interface Rle {
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
}

/** `run.json`: what a run of the command was asked to do, with what. */
export interface RunFile {
  readonly schema: 1;
  readonly status: 'running' | 'done';
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly model: {
    readonly id: string;
    readonly path: string;
    /** sha256 of `model.json`. */
    readonly digest: string;
    /**
     * sha256 of a text with a line for each weight file that `model.json` names: its sha256, two blanks, its
     * name. Absent in runs of versions that did not look at the weights.
     */
    readonly weights?: string;
    /** Size of the model's input, onto which each line's `view` is mapped. */
    readonly input?: { readonly height: number; readonly width: number };
  };
  /** Of the last start: engines agree to about 1e-5, so a resumed run may have had several. */
  readonly engine: string;
  readonly files?: {
    /**
     * Folder that the lines' relative `image` paths start from, itself relative to the run's folder
     * (absolute where no relative path leads there), with `/` between names.
     */
    readonly original: string;
  };
  /**
   * Files that the folders of the last start have besides, which are not explained: how many of each kind, told by
   * their first bytes, else by their extension. Absent where there are none.
   */
  readonly leftOut?: Readonly<Record<string, number>>;
  /** Every later start of the run that `--resume` made. */
  readonly resumed?: readonly { readonly at: string; readonly engine: string }[];
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: RunSettings;
  /** What was read beside the model, with the files that say it. */
  readonly readFrom?: readonly string[];
  /** What was assumed about the model because nobody said it. */
  readonly assumptions: readonly string[];
  /** Of all lines, those of earlier starts included. */
  readonly counts?: RunCounts;
}

export interface RunCounts {
  readonly done: number;
  readonly failed: number;
  /** With ground truth: images that have one, and those of them whose top class is it. */
  readonly judged?: number;
  readonly correct?: number;
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
  /** sha256 of what was read beside the model: names of classes, what becomes of pixels. */
  readonly beside?: string;
  /** How overlays are made; absent for `blend`. */
  readonly overlay?: string;
  /** Whether a legend is below each overlay. */
  readonly legend?: boolean;
  /** The rule of boxes and masks; where it is absent, as in older runs, the paper's. */
  readonly box?: string;
  /** Whether there are animations over the layers. */
  readonly sweep?: boolean;
  /** Budget of the methods that run the model many times, where one was given. */
  readonly runs?: number;
  /** Preset of another library, in whose way the pictures are made. */
  readonly like?: string;
  /** What was stated about the model's input, where it was. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Of a model with several inputs: name of each further one to the sha256 of the shape and values that it got. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** `from..to`: numbers of the pictures that are shown as 0 and 255, where they were stated. */
  readonly window?: string;
  /** sha256 of the class names that were given. */
  readonly labels?: string;
  /** sha256 of the ground truth: a table's bytes, or the folder's name. */
  readonly truth?: string;
  /** sha256 of the sha256 of each image that a target `similar:<image>` names. */
  readonly references?: string;
}

/** A class with its score, or what a model without classes says. */
export interface Prediction {
  readonly index: number;
  readonly label?: string;
  /**
   * 0..1; of a class of a map its mean over the class's places, of a box its score, objectness included.
   * Absent for a number that is not the score of a class.
   */
  readonly probability?: number;
  readonly logit: number;
  /** Of a class of a map: the share of the places that are of this class, 0..1. */
  readonly share?: number;
  /** Of an output without classes: its number, of a map the sum of all its numbers. */
  readonly value?: number;
  /** Of a detector: where the box is, in pixels of the original image, inside of it. */
  readonly box?: Region;
}

/** Why a map is blank or hard to trust; advice in words for a blank one. */
export interface Diagnostics {
  /**
   * Of the target's class, for a region the mean over its places; of a target that is a function, of the
   * predicted class. Absent where the output has no probabilities.
   */
  readonly probability?: number;
  /** Euclidean norm of the score's gradient at the layer. */
  readonly gradientNorm: number;
  /** Share of the raw map's cells below zero. */
  readonly negativeShare: number;
  /** Width and height of a raw cell in pixels of the original. */
  readonly cellSize: readonly [width: number, height: number];
  /**
   * Of integrated gradients and FullGrad: the sum of their terms minus what they explain, the change of
   * the score from the baseline or the score itself. Large: more steps are needed, or the net is not
   * linear in pieces.
   */
  readonly completenessError?: number;
  /**
   * With the fit `letterbox`: share of the map, 0 to 1, that fell on the bars beside the picture. Values of a map
   * with a ReLU count above zero, those of others by their size.
   */
  readonly barShare?: number;
  /** Present when the displayed map is zero everywhere. */
  readonly blank?: string;
}

/** A box with how it was found; runs of before 0.2 do not say it in each line. */
export interface ResultBox extends Box {
  /** The rule of `--box`. */
  readonly rule?: BoxRule;
  /** False where the part that the box is around does not hold the peak, as the rules of the paper and of Otsu allow. */
  readonly holdsPeak?: boolean;
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
  /** The raw value that means "nothing" where that is not 0: displays are of the raw map minus this. */
  readonly nothing?: number;
  /** Kind of file to its path, relative to the run's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Pixels of the original image, inside of it. */
  readonly peak: { readonly x: number; readonly y: number };
  readonly box: ResultBox | null;
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
  /**
   * What the model's input shows, in pixels of the original: inside of the image for `crop`, the whole
   * for `squash`, more than the image for `letterbox`.
   */
  readonly view?: Region;
  /** Of a picture whose numbers are not of 8 bits, or with a stated window: how they became 0 to 255. */
  readonly samples?: SampleScale;
  /** What was assumed of the picture, in words. */
  readonly notes?: readonly string[];
  readonly predictions: readonly Prediction[];
  /** With ground truth: the class that the image is of. */
  readonly truth?: { readonly index: number; readonly label?: string };
  /** With ground truth: whether the most probable class is it. */
  readonly correct?: boolean;
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
