import type {
  ExplainOptions,
  GradcamErrorKind,
  ModelOverrides,
  PreparedInput,
} from '@gradcam/core';
import type { EvidenceSettings, ExplainedImage } from '@gradcam/runs';
import type { ExitCode } from '../exit-codes.ts';
import type { ForeignRuntime } from '../models/open-foreign-engine.ts';

/** The model that the thread opens. */
export interface ModelThreadData {
  readonly folder: string;
  readonly engine: string;
  /** The library that runs a model which the engines of this project cannot run; null if they can run it. */
  readonly runtime: ForeignRuntime | null;
  readonly threads: number | undefined;
  readonly overrides: ModelOverrides;
  /** Values for the model's further inputs, each with a batch axis of 1. */
  readonly inputs: NonNullable<ExplainOptions['inputs']>;
}

/** The options of a request that cross between threads. */
export type AskedOptions = Pick<
  ExplainOptions,
  | 'methods'
  | 'targets'
  | 'layers'
  | 'like'
  | 'runs'
  | 'batch'
  | 'question'
  | 'caption'
  | 'ownCaption'
>;

/** Messages to the thread. Explanations are requested one after the other and answered in that order. */
export type Order =
  /** Always the first message. */
  | { readonly kind: 'open'; readonly data: ModelThreadData }
  | {
      readonly kind: 'explain';
      readonly id: number;
      readonly input: PreparedInput;
      readonly options: AskedOptions;
      /** How the maps are examined; absent where no evidence was asked for. */
      readonly evidence?: EvidenceSettings;
    }
  /** Asks for explanations of several images in one run of the model. */
  | {
      readonly kind: 'explain-together';
      readonly id: number;
      readonly inputs: readonly PreparedInput[];
      /** A question about each image takes the place of one about all. */
      readonly options: AskedOptions & { readonly questions?: readonly string[] };
    }
  /** Asks for the embedding of an image, the numbers that the model computes for it. */
  | { readonly kind: 'embed'; readonly id: number; readonly input: PreparedInput }
  /** Cancels the requests that have not begun. Each is answered with `dropped`. */
  | { readonly kind: 'drop' }
  /** Cancels one request, also between two passes of the model. It is answered with `dropped`. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'close' };

/** Messages from the thread. */
export type Report =
  | { readonly kind: 'note' | 'debug'; readonly text: string }
  | {
      readonly kind: 'ready';
      readonly engine: string;
      /** Why each image is run alone; absent where several can share a run of the model. */
      readonly oneAtATime?: string;
    }
  | { readonly kind: 'failed'; readonly error: SentError }
  | {
      readonly kind: 'progress';
      readonly id: number;
      /** The place of the image among those of the request. */
      readonly image: number;
      readonly done: number;
      readonly total: number;
    }
  | { readonly kind: 'explained'; readonly id: number; readonly result: ExplainedImage }
  | {
      readonly kind: 'explained-together';
      readonly id: number;
      readonly results: readonly (ExplainedImage | { readonly error: SentError })[];
    }
  | { readonly kind: 'embedded'; readonly id: number; readonly embedding: Float32Array }
  | { readonly kind: 'refused'; readonly id: number; readonly error: SentError }
  | { readonly kind: 'dropped'; readonly id: number };

/** An error in a form that can cross between threads, where its class would be lost. */
export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  /** The kind of a `GradcamError`; null for any other error. */
  readonly kind: GradcamErrorKind | null;
  /** Null for a fault of this program. */
  readonly exitCode: ExitCode | null;
}
