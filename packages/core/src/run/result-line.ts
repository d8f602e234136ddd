import type { Region, Box } from '../base/rectangle.ts';
import type { BoxRule } from './box-rule.ts';
import type { ResultText } from './result-text.ts';
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
    | 'similar'
    | 'word'
    | 'sentence';
  /** The class, or for `word` its token; -1 for a target that is about no class. */
  readonly index: number;
  /** The name of the class or function, of a similarity's other image, the word, or the sentence. */
  readonly label?: string;
  /** For `contrast`: the other class. */
  readonly than?: number;
  /** The rectangle of a region or box, or the place of a pixel, in pixels of the original image. */
  readonly at?: Region | { readonly x: number; readonly y: number };
  /** For `element`: its index on each axis of the output. */
  readonly element?: readonly number[];
  /** For `box`: its number in the list of the image's boxes, 1 for the best. */
  readonly box?: number;
  /** For `word`: its place in the caption, 1 for the first word. */
  readonly place?: number;
}

/** A mask as COCO writes it: run lengths, column by column, packed into a string. */
export interface Rle {
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
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

/** A pixel of the original image that CNN-Fixations finds. */
export interface FixationPoint {
  /** Column and row of the pixel, counted from 0. */
  readonly x: number;
  readonly y: number;
  /** How many cells of the walk's last layer lie there, at least 1. */
  readonly count: number;
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
  /**
   * For a map at pixels: the percentile of the raw magnitudes that its pictures draw at full strength,
   * and that magnitude. Larger ones are drawn no stronger. Absent where the largest magnitude is, as for
   * maps at a layer.
   */
  readonly scale?: { readonly percentile: number; readonly value: number };
  /** CNN-Fixations: the pixels that the score goes back to, row by row, without outliers. */
  readonly points?: readonly FixationPoint[];
  /** Paths of files relative to the run folder, by the kind of file. */
  readonly files: Readonly<Record<string, string>>;
  /** In pixels of the original image, and inside it. */
  readonly peak: { readonly x: number; readonly y: number };
  readonly box: ResultBox | null;
  /** The pixels of the boxed component, where boxes were asked for and one was found. */
  readonly mask?: Rle & { readonly area: number };
  readonly diagnostics: Diagnostics;
  /** Whether the map is worth believing, where that was asked for. */
  readonly evidence?: MapEvidence;
}

/** Areas under the deletion curves of a map whose values stand at random places. */
export interface RandomBaseline {
  readonly mean: number;
  readonly least: number;
  /** How many of these areas are as low as the area of the map itself, or lower. */
  readonly asLow: number;
  /** How many random maps there are. */
  readonly maps: number;
}

/** How far a map can be believed. Its numbers are null where the map was not examined; `verdict` says why. */
export interface MapEvidence {
  /** Area under the score while the map's pixels are deleted, those of the largest value first. */
  readonly deletion: number | null;
  readonly randomBaseline: RandomBaseline | null;
  /**
   * Rank correlation with the map of the same model with noise as weights, -1 to 1; null where one of the
   * maps has one value everywhere, or where the weights cannot be replaced.
   */
  readonly randomised: number | null;
  /**
   * `supported`: deleting the map hurts more than at random places, and noise as weights changes it.
   * `doubtful`: it hurts more, but the map stays. `unsupported`: it hurts no more. `none`: the map was
   * not examined.
   */
  readonly rating: (typeof evidenceRatings)[number];
  /** One sentence with both answers and their numbers. */
  readonly verdict: string;
}

/** The ratings of a map's evidence, from good to unknown. */
export const evidenceRatings = ['supported', 'doubtful', 'unsupported', 'none'] as const;

/**
 * A figure as in the paper of Grad-CAM: the image, Grad-CAM, guided backpropagation and Guided Grad-CAM
 * side by side, in a row for each target.
 */
export interface ResultFigure {
  readonly layer: string;
  /** In the order of the rows. */
  readonly targets: readonly Target[];
  /** The path of the picture, relative to the run folder. */
  readonly file: string;
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
  /** For a model that reads a text: the question and its answer, or the caption. */
  readonly text?: ResultText;
  readonly predictions: readonly Prediction[];
  /** With ground truth: the true class of the image. */
  readonly truth?: { readonly index: number; readonly label?: string };
  /** With ground truth: whether the most probable class is the true one. */
  readonly correct?: boolean;
  readonly explanations: readonly ResultExplanation[];
  /** Animations over the layers, where they were asked for. */
  readonly sweeps?: readonly ResultSweep[];
  /** A figure for each layer, where figures were asked for. */
  readonly figures?: readonly ResultFigure[];
  readonly ms: number;
}

/** A line of `results.jsonl` for an image that could not be explained. */
export interface FailureLine {
  readonly image: string;
  /** The question about the image, where a table asked one. */
  readonly question?: string;
  readonly error: string;
}
