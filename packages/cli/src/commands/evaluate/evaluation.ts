import type { MeanWithInterval, Measurement } from '@gradcam/core/evidence';
import type { EvaluateSettings } from './flags.ts';

/** A row of the table: a method, or a baseline that knows nothing of the class. */
export interface RowName {
  readonly row: string;
  readonly kind: 'method' | 'baseline';
}

/** The numbers of one map. */
export interface MapNumbers {
  readonly row: string;
  /** By metric; null where the metric has no result for this map. */
  readonly values: Readonly<Record<string, number | null>>;
  /** Scores at the points of curves: deletion and insertion. */
  readonly curves?: Readonly<Record<string, readonly number[]>>;
  /** Why metrics have no result, by metric. */
  readonly reasons?: Readonly<Record<string, string>>;
}

/** One explained class of an image. */
export interface EvaluatedClass {
  readonly index: number;
  readonly label?: string;
  /** Its place among the model's answers, 0 for the best. */
  readonly rank: number;
  readonly probability: number;
  readonly maps: readonly MapNumbers[];
}

/** A line of `evaluation.jsonl` for an image that was evaluated. */
export interface EvaluatedImage {
  readonly image: string;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  /** Empty where the image has no annotated class. */
  readonly classes: readonly EvaluatedClass[];
  /** Settings of each metric, as its measurements state them. */
  readonly settings: Readonly<Record<string, Measurement['settings']>>;
  /** Milliseconds that the maps of each row took, for all classes of the image. */
  readonly ms: Readonly<Record<string, number>>;
}

/** A line of `evaluation.jsonl` for an image that could not be evaluated. */
export interface UnevaluatedImage {
  readonly image: string;
  readonly error: string;
}

/** The first line of `evaluation.jsonl`: what all its numbers depend on. */
export interface EvaluationHead {
  readonly schema: 1;
  readonly model: { readonly id: string; readonly digest: string; readonly weights: string };
  readonly settings: EvaluationSettings;
}

/** The settings on which numbers depend. */
export interface EvaluationSettings extends Pick<
  EvaluateSettings,
  'metrics' | 'score' | 'steps' | 'seed' | 'model'
> {
  readonly methods: readonly string[];
  readonly layer: string;
  /** Null where the annotated classes are explained. */
  readonly targets: readonly string[] | null;
  readonly runs: number | null;
  readonly boxes: { readonly kind: string; readonly digest: string } | null;
}

/** A cell of the table. */
export interface Cell extends MeanWithInterval {
  /** Baselines that the method beats: the interval of the paired difference lies on the good side of 0. */
  readonly beats?: readonly string[];
  /** The other baselines. */
  readonly doesNotBeat?: readonly string[];
}

/** `evaluation.json`. */
export interface Evaluation extends EvaluationHead {
  /** Settings of each metric, as its measurements state them. */
  readonly metricSettings: EvaluatedImage['settings'];
  readonly engine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly finishedAt: string;
  readonly images: {
    readonly evaluated: number;
    /** Images without an annotated class of the model. */
    readonly withoutClass: number;
    readonly failed: number;
    /** Number of explained classes of all images. */
    readonly classes: number;
  };
  /** The metrics of the table, in the order of its columns. */
  readonly metrics: readonly { readonly name: string; readonly better: string }[];
  readonly rows: readonly (RowName & {
    readonly cells: Readonly<Record<string, Cell | null>>;
    /** Milliseconds for the maps of one image. */
    readonly ms: MeanWithInterval | null;
  })[];
}
