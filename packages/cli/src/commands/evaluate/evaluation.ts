import type { MeanWithInterval, Measurement } from '@gradcam/core/evidence';
import type { EvaluateSettings } from './flags.ts';

/** A row of the table: a method, or a baseline that does not look at the class. */
export interface RowName {
  readonly row: string;
  readonly kind: 'method' | 'baseline';
}

/** The numbers of one map. */
export interface MapNumbers {
  readonly row: string;
  /** The values by the name of the metric; null if the metric has no result for this map. */
  readonly values: Readonly<Record<string, number | null>>;
  /**
   * The points of curves: the scores of `deletion` and `insertion`, and the changes of the score of
   * `road-most` and `road-least`, in which ROAD fills in the most and the least relevant pixels.
   */
  readonly curves?: Readonly<Record<string, readonly number[]>>;
  /** The reasons why metrics have no result, by the name of the metric. */
  readonly reasons?: Readonly<Record<string, string>>;
}

/** One explained class of an image. */
export interface EvaluatedClass {
  readonly index: number;
  readonly label?: string;
  /** Its rank in the model's answer; 0 is the best. */
  readonly rank: number;
  readonly probability: number;
  readonly maps: readonly MapNumbers[];
}

/** A line of `evaluation.jsonl` for an image, or a question about it, that was evaluated. */
export interface EvaluatedImage {
  readonly image: string;
  /** The question whose answers are explained, for a model that answers questions. */
  readonly question?: string;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  /** The explained classes. It is empty if the image has no annotated class. */
  readonly classes: readonly EvaluatedClass[];
  /** Settings of each metric, as its measurements state them. */
  readonly settings: Readonly<Record<string, Measurement['settings']>>;
  /** Milliseconds that the maps of each row took, for all classes of the image together. */
  readonly ms: Readonly<Record<string, number>>;
}

/** A line of `evaluation.jsonl` for an image that could not be evaluated. */
export interface UnevaluatedImage {
  readonly image: string;
  readonly question?: string;
  readonly error: string;
}

/** The first line of `evaluation.jsonl`: the model and the settings on which all its numbers depend. */
export interface EvaluationHead {
  readonly schema: 1;
  readonly model: { readonly id: string; readonly digest: string; readonly weights: string };
  readonly settings: EvaluationSettings;
}

/** The settings on which numbers depend. */
export interface EvaluationSettings extends Pick<
  EvaluateSettings,
  'metrics' | 'score' | 'steps' | 'replacement' | 'seed' | 'model'
> {
  readonly methods: readonly string[];
  readonly layer: string;
  /** The targets that are explained; null if the annotated classes are explained. */
  readonly targets: readonly string[] | null;
  readonly runs: number | null;
  readonly boxes: { readonly kind: string; readonly digest: string } | null;
}

/** A cell of the table. */
export interface Cell extends MeanWithInterval {
  /**
   * Baselines that the method beats: the whole interval of the paired difference lies on the better side of
   * 0.
   */
  readonly beats?: readonly string[];
  /** The baselines that the method does not beat. */
  readonly doesNotBeat?: readonly string[];
}

/** The content of `evaluation.json`. */
export interface Evaluation extends EvaluationHead {
  /** Settings of each metric, as its measurements state them. */
  readonly metricSettings: EvaluatedImage['settings'];
  readonly engine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly finishedAt: string;
  readonly images: {
    readonly evaluated: number;
    /** Number of questions about these images; absent for a model that takes pictures alone. */
    readonly questions?: number;
    /** Number of images, or questions, without an annotated class of the model. */
    readonly withoutClass: number;
    readonly failed: number;
    /** Number of explained classes over all images. */
    readonly classes: number;
  };
  /** The metrics of the table, in the order of its columns. */
  readonly metrics: readonly { readonly name: string; readonly better: string }[];
  readonly rows: readonly (RowName & {
    readonly cells: Readonly<Record<string, Cell | null>>;
    /** Milliseconds that the maps of one image take. */
    readonly ms: MeanWithInterval | null;
  })[];
}
