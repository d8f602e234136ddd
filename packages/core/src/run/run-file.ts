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
  /** How many images of the last start shared one run of the model. Absent in runs of older versions: one. */
  readonly batch?: number;
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
  /** The question that was asked about every image, where the model answers questions. */
  readonly question?: string;
  /** The sha256 of the table of questions, where each image had its own. */
  readonly questions?: string;
  /** The caption that was explained on every image, where one was given. */
  readonly say?: string;
  /** How many captions were continued at each word, where the model wrote its own. */
  readonly beams?: number;
  readonly save: readonly string[];
  readonly colormap: string;
  readonly alpha: number;
  readonly fit: string;
  /** The sha256 of the facts that were read beside the model: class names and preprocessing. */
  readonly beside?: string;
  /** How overlays are made; absent for `blend`. */
  readonly overlay?: string;
  /** How overlays and heatmaps are encoded; absent for PNG. */
  readonly format?: string;
  /** Whether a legend is below each overlay. */
  readonly legend?: boolean;
  /**
   * How maps at pixels are drawn, where the run has such maps. Where it is absent, as in older runs, it
   * is the largest magnitude of the channels, divided by the largest of the map.
   */
  readonly gradients?: string;
  /** The rule of boxes and masks. Where it is absent, as in older runs, it is `paper`. */
  readonly box?: string;
  /** Whether there are animations over the layers. */
  readonly sweep?: boolean;
  /** Whether there is a figure as in the paper for each image. */
  readonly figure?: boolean;
  /** How maps were examined, where evidence was asked for. */
  readonly evidence?: {
    /** Number of random maps that each map is compared with. */
    readonly orders: number;
    /** Number of steps in which pixels are deleted. */
    readonly steps: number;
    readonly seed: number;
  };
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
