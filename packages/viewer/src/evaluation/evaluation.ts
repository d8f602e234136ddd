/** A row of the table: a method, or a baseline that knows nothing of the class. */
export interface EvaluationRow {
  readonly row: string;
  readonly isBaseline: boolean;
  /** By the name of the metric; absent where the row has no result. */
  readonly cells: ReadonlyMap<string, EvaluationCell>;
  /** Milliseconds that the maps of one image take; null where that is not known. */
  readonly ms: Interval | null;
}

/** A mean over images with its bootstrap interval. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface EvaluationCell extends Interval {
  readonly images: number;
  /** Baselines that the method does not beat; null where nothing is said of that, as for baselines. */
  readonly doesNotBeat: readonly string[] | null;
}

export interface EvaluationMetric {
  readonly name: string;
  readonly better: 'higher' | 'lower' | 'neither';
}

/** The part of `evaluation.json` that the page shows. */
export interface Evaluation {
  readonly model: string;
  readonly engine: string;
  readonly finishedAt: string;
  readonly images: Readonly<Record<'evaluated' | 'withoutClass' | 'failed' | 'classes', number>>;
  readonly metrics: readonly EvaluationMetric[];
  readonly rows: readonly EvaluationRow[];
  /** The settings, each as a name and a text. */
  readonly settings: readonly (readonly [name: string, text: string])[];
  /** Shares of the pixels that ROAD removes, in the order of its curves. */
  readonly removed: readonly number[];
}

/** The numbers of one map. */
export interface MapNumbers {
  readonly row: string;
  readonly values: ReadonlyMap<string, number | null>;
  readonly curves: ReadonlyMap<string, readonly number[]>;
  readonly reasons: ReadonlyMap<string, string>;
}

export interface EvaluatedClass {
  readonly index: number;
  readonly label: string;
  readonly probability: number;
  readonly maps: readonly MapNumbers[];
}

/** A line of `evaluation.jsonl`. */
export interface EvaluatedImage {
  readonly image: string;
  /** The question whose answers are explained; absent for a model that takes pictures alone. */
  readonly question?: string;
  readonly sha256: string;
  readonly classes: readonly EvaluatedClass[];
}
