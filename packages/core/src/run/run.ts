import type { Region, Box } from '../base/rectangle.ts';
import type { BoxRule } from './box-rule.ts';
import type { SampleScale } from './sample-scale.ts';

/** An explained target as `results.jsonl` states it, with the class that it was resolved to. */
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
  /** The class; -1 for a target that is about no class. */
  readonly index: number;
  /** The name of the class, of the function, or of a similarity's other image. */
  readonly label?: string;
  /** For `contrast`: the other class. */
  readonly than?: number;
  /** The rectangle of a region or box, or the place of a pixel, in pixels of the original image. */
  readonly at?: Region | { readonly x: number; readonly y: number };
  /** For `element`: its index on each axis of the output. */
  readonly element?: readonly number[];
  /** For `box`: its number in the list of the image's boxes, 1 for the best. */
  readonly box?: number;
}

/** A mask as COCO writes it: run lengths, column by column, packed into a string. */
export interface Rle {
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
}

/** `run.json`: what a run of the command was asked to do, and the model and engine that did it. */
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
     * The sha256 of a text with one line for each weight file that `model.json` names: the sha256 of
     * the file, two spaces, its name. Absent in runs of older versions, which did not look at the
     * weights.
     */
    readonly weights?: string;
    /** Size of the model's input, onto which the `view` of each line is mapped. */
    readonly input?: { readonly height: number; readonly width: number };
  };
  /**
   * The engine of the last start. Engines agree to about 1e-5, so a resumed run may have used several.
   */
  readonly engine: string;
  readonly files?: {
    /**
     * The folder that relative `image` paths in the lines start from, with `/` between names. It is
     * relative to the run folder, or absolute where no relative path leads there.
     */
    readonly original: string;
  };
  /**
   * How many other files the folders of the last start hold, by kind. They are not explained. The kind
   * is read from the first bytes of a file, else from its extension. Absent where there are none.
   */
  readonly leftOut?: Readonly<Record<string, number>>;
  /** Every later start of this run, by `--resume`. */
  readonly resumed?: readonly { readonly at: string; readonly engine: string }[];
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: RunSettings;
  /** Facts that were read from files beside the model, each with its file. */
  readonly readFrom?: readonly string[];
  /** Facts that were assumed about the model because nobody stated them. */
  readonly assumptions: readonly string[];
  /** Counts over all lines, those of earlier starts included. */
  readonly counts?: RunCounts;
}

export interface RunCounts {
  readonly done: number;
  readonly failed: number;
  /** With ground truth: how many images have a true class. */
  readonly judged?: number;
  /** With ground truth: for how many of these the true class is the top class. */
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
  /** The sha256 of the facts that were read beside the model: class names and preprocessing. */
  readonly beside?: string;
  /** How overlays are made; absent for `blend`. */
  readonly overlay?: string;
  /** Whether a legend is below each overlay. */
  readonly legend?: boolean;
  /** The rule of boxes and masks. Where it is absent, as in older runs, it is `paper`. */
  readonly box?: string;
  /** Whether there are animations over the layers. */
  readonly sweep?: boolean;
  /** Largest number of passes for methods that need many, where one was given. */
  readonly runs?: number;
  /** The preset: the other library whose maps and pictures are imitated. */
  readonly like?: string;
  /** What the user stated about the model's input. */
  readonly input?: Readonly<Record<string, unknown>>;
  /**
   * For a model with several inputs: by the name of each further input, the sha256 of the shape and
   * values that it got.
   */
  readonly inputs?: Readonly<Record<string, string>>;
  /** `from..to`: the sample values that became 0 and 255, where the user stated them. */
  readonly window?: string;
  /** The sha256 of the class names that the user gave. */
  readonly labels?: string;
  /** The sha256 of the ground truth: of the bytes of a table, or of the name of a folder. */
  readonly truth?: string;
  /** The sha256 of the joined sha256 of all images that targets `similar:<image>` name. */
  readonly references?: string;
}

/** A class with its score, or the number that a model without classes gives. */
export interface Prediction {
  readonly index: number;
  readonly label?: string;
  /**
   * 0..1. For a class of a map, the mean over the places of the class; for a box, its score, with the
   * objectness included. Absent for a number that is not the score of a class.
   */
  readonly probability?: number;
  readonly logit: number;
  /** For a class of a map: the share of the places that are of this class, 0..1. */
  readonly share?: number;
  /** For an output without classes: its number, or the sum of all numbers of a map. */
  readonly value?: number;
  /** For a detector: the box, in pixels of the original image and inside it. */
  readonly box?: Region;
}

/** Numbers that say how far a map can be trusted, and advice for a blank map. */
export interface Diagnostics {
  /**
   * The probability of the target's class. For a region, the mean over its places; for a target that is
   * a function, the probability of the predicted class. Absent where the output has no probabilities.
   */
  readonly probability?: number;
  /**
   * Euclidean norm of the score's gradient at the layer. Absent where no gradient was computed, because
   * none of the methods needs one.
   */
  readonly gradientNorm?: number;
  /** Share of the raw map's cells below zero. */
  readonly negativeShare: number;
  /** Width and height of one cell of the raw map, in pixels of the original image. */
  readonly cellSize: readonly [width: number, height: number];
  /**
   * For integrated gradients and FullGrad: the sum of their terms minus the value that they explain,
   * which is the score or its change from the baseline. A large error means that more steps are needed,
   * or that the net is not piecewise linear.
   */
  readonly completenessError?: number;
  /**
   * With the fit `letterbox`: the share of the map, 0 to 1, that lies on the bars beside the picture.
   * For a map with a ReLU only values above zero count; for others, absolute values.
   */
  readonly barShare?: number;
  /** The reason and what to do about it, when the displayed map is zero everywhere. */
  readonly blank?: string;
}

/**
 * A box and the rule that found it. Runs of versions before 0.2 do not state the rule in each line.
 */
export interface ResultBox extends Box {
  /** The rule of `--box`. */
  readonly rule?: BoxRule;
  /**
   * False where the boxed component does not hold the peak, which the rules `paper` and `otsu` allow.
   */
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
  /**
   * The zero level: the raw value that means no evidence, where that is not 0. Displays show the raw
   * map minus this value.
   */
  readonly nothing?: number;
  /** Paths of files relative to the run folder, by the kind of file. */
  readonly files: Readonly<Record<string, string>>;
  /** In pixels of the original image, and inside it. */
  readonly peak: { readonly x: number; readonly y: number };
  readonly box: ResultBox | null;
  /** The pixels of the boxed component, where boxes were asked for and one was found. */
  readonly mask?: Rle & { readonly area: number };
  readonly diagnostics: Diagnostics;
}

/** An animation of one method's maps for one target, with one frame for each layer. */
export interface ResultSweep {
  readonly method: string;
  readonly target: Target;
  /** In the order of the frames, from the image to the scores. */
  readonly layers: readonly string[];
  /** The path of the animation, relative to the run folder. */
  readonly file: string;
}

/** A line of `results.jsonl` for an image that was explained. */
export interface ResultLine {
  readonly image: string;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  /**
   * The part of the original image that the model's input shows, in pixels: inside the image for
   * `crop`, the whole image for `squash`, more than the image for `letterbox`.
   */
  readonly view?: Region;
  /**
   * How sample values became 0 to 255, for a picture that is not of 8 bits or has a stated window.
   */
  readonly samples?: SampleScale;
  /** What was assumed about the picture, in words. */
  readonly notes?: readonly string[];
  readonly predictions: readonly Prediction[];
  /** With ground truth: the true class of the image. */
  readonly truth?: { readonly index: number; readonly label?: string };
  /** With ground truth: whether the most probable class is the true one. */
  readonly correct?: boolean;
  readonly explanations: readonly ResultExplanation[];
  /** Animations over the layers, where they were asked for. */
  readonly sweeps?: readonly ResultSweep[];
  readonly ms: number;
}

/** A line of `results.jsonl` for an image that could not be explained. */
export interface FailureLine {
  readonly image: string;
  readonly error: string;
}
