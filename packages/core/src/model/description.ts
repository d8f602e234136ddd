import type {
  ArtifactDescription,
  ChannelOrder,
  InputDescription,
  ResizeFilter,
} from '../artifact/artifact.ts';
import type { BoxReading } from '../network/box-reading.ts';
import type { ManifestGroup } from '../artifact/weights-manifest.ts';
import type { Engine, Session, Weights } from '../engines/port/engine.ts';
import type { Network } from '../network/network.ts';
import type { ClassNames } from '../readers/labels/labels.ts';

/** What a caller states about a model; it wins over the model's own description. */
export interface ModelOverrides {
  /** Range to which pixels 0..255 are brought. */
  readonly inputRange?: '0..255' | '0..1' | '-1..1';
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly channelOrder?: ChannelOrder;
  readonly fit?: InputDescription['fit'];
  /** Share that is kept, with `crop` or `squash`; with `fit` stated and not this, all of it. */
  readonly cropFraction?: number;
  /** The filter by which images are resized; default `bilinear-antialias`. */
  readonly resize?: ResizeFilter;
  readonly classNames?: ClassNames;
  readonly id?: string;
  /** For a model that leaves its input's size open; default 224 x 224, which is said. */
  readonly inputSize?: readonly [height: number, width: number];
  /** Which of several outputs is explained: its place, or the layer that gives it; default the first. */
  readonly output?: number | string;
  /** Which of several inputs takes the picture that is explained; default the first that takes one. */
  readonly imageInput?: string;
  /** How a detector's output holds its boxes, and which are listed; see `parseBoxReading`. */
  readonly boxes?: BoxReading;
}

/** A model with everything that an explanation needs beside an engine. */
export interface ModelDescription {
  readonly id: string;
  readonly network: Network;
  readonly input: InputDescription;
  readonly classNames: ClassNames;
  /** Names besides the layers' own: endpoints of the source, and aliases. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** The layer that `auto` means. */
  readonly defaultLayer: string;
  readonly artifact: ArtifactDescription | null;
  /** What was read in files beside the model or from its first layers, one line each, with where. */
  readonly readFrom: readonly string[];
  /** What such a file says and is not followed, one line each, with the reason. */
  readonly notUsed: readonly string[];
  /** What was assumed because neither the model nor the caller said it, one line each. */
  readonly assumptions: readonly string[];
}

/** A model that is described from its files. */
export interface DescribedFiles extends ModelDescription {
  /** Of a translated model its weights as the network has them, in no files. */
  readonly manifest: readonly ManifestGroup[];
  /** Makes the weights of a translated model. */
  readonly readWeights?: () => Promise<Weights>;
}

/** A loaded model: its description and a session that holds its weights until disposed. */
export interface Model extends ModelDescription {
  readonly engine: string;
  readonly session: Session;
  /** Of a translated model, how it is known to compute what its file says. */
  readonly proof?: string;
  /** Frees the weights. */
  dispose(): void;
}

export interface LoadModelOptions extends ModelOverrides {
  readonly engine: Engine;
  /**
   * Keeps what was found when a translated model was compared with its file, so that it is found once
   * (`createProofStore` of `@gradcam/core/node`).
   */
  readonly proofs?: ProofStore;
}

/** Keeps proofs of translated models between processes, by what was proved. */
export interface ProofStore {
  /** What was found; null where nothing is kept. */
  read(key: string): Promise<string | null>;
  /** Keeps it; one that cannot be kept is found again. */
  keep(key: string, found: string): Promise<void>;
}
