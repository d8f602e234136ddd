import type {
  ArtifactDescription,
  ChannelOrder,
  InputDescription,
  ResizeFilter,
} from '../artifact/artifact.ts';
import type { TextDescription } from '../artifact/text-description.ts';
import type { BoxReading } from '../network/box-reading.ts';
import type { ManifestGroup } from '../artifact/weights-manifest.ts';
import type { Engine, Session, Weights } from '../engines/port/engine.ts';
import type { Network } from '../network/network.ts';
import type { ClassNames } from '../readers/labels/labels.ts';

/** Facts about a model that a caller states. They win over the model's own description. */
export interface ModelOverrides {
  /** Range to which pixels of 0..255 are scaled. */
  readonly inputRange?: '0..255' | '0..1' | '-1..1';
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly channelOrder?: ChannelOrder;
  readonly fit?: InputDescription['fit'];
  /**
   * Share of the picture that `crop` or `squash` keeps. Default: the described one, or 1 for a newly stated
   * `squash`.
   */
  readonly cropFraction?: number;
  /** The filter by which images are resized; default `bilinear-antialias`. */
  readonly resize?: ResizeFilter;
  readonly classNames?: ClassNames;
  readonly id?: string;
  /** Size of the picture, for a model that leaves it open. The default is 224 x 224, and a note says so. */
  readonly inputSize?: readonly [height: number, width: number];
  /** The output to explain, by its place or by the layer that returns it; default the first. */
  readonly output?: number | string;
  /** Name of the input that takes the picture to explain; default the first that takes a picture. */
  readonly imageInput?: string;
  /** How a detector's output holds its boxes, and which of them are listed: see `parseBoxReading`. */
  readonly boxes?: BoxReading;
}

/** Everything that an explanation needs to know about a model, except an engine. */
export interface ModelDescription {
  readonly id: string;
  readonly network: Network;
  readonly input: InputDescription;
  readonly classNames: ClassNames;
  /** Further names of layers: endpoints of the source, and aliases. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** The layer that `auto` means. */
  readonly defaultLayer: string;
  readonly artifact: ArtifactDescription | null;
  /** How the model's text becomes tokens; absent for a model without text. */
  readonly text?: TextDescription;
  /**
   * One line for each fact that was read in files beside the model or in its first layers, with the source.
   */
  readonly readFrom: readonly string[];
  /** One line for each fact in such a file that is not used, with the reason. */
  readonly notUsed: readonly string[];
  /** One line for each assumption about what neither the model nor the caller stated. */
  readonly assumptions: readonly string[];
}

/** A model that is described from its files. */
export interface DescribedFiles extends ModelDescription {
  /** The model's weights. For a translated model they are listed as the network has them, without files. */
  readonly manifest: readonly ManifestGroup[];
  /** Computes the weights of a translated model; other models do not have this function. */
  readonly readWeights?: () => Promise<Weights>;
}

/** A loaded model: its description, and a session that holds its weights until it is disposed. */
export interface Model extends ModelDescription {
  readonly engine: string;
  readonly session: Session;
  /** For a translated model, how its translation was compared with its file. */
  readonly proof?: string;
  /** Where each picture is run alone although a batch was asked for: one line with the reason. */
  readonly oneAtATime?: string;
  /** Frees the weights. */
  dispose(): void;
}

export interface LoadModelOptions extends ModelOverrides {
  readonly engine: Engine;
  /**
   * Keeps the results of comparing translated models with their files, so that each is compared only once
   * (`createProofStore` of `@gradcam/core/node`).
   */
  readonly proofs?: ProofStore;
}

/** Keeps the results of proofs of translated models between processes. */
export interface ProofStore {
  /** The result of a proof; null where none is kept. */
  read(key: string): Promise<string | null>;
  /** Keeps a result. If that fails, the model is compared again the next time. */
  keep(key: string, result: string): Promise<void>;
}
