import type {
  Geometry,
  GradcamErrorKind,
  ModelOverrides,
  NdArray,
  OutputKind,
  ResultLine,
} from '@gradcam/core';
import type { ModelBlob } from '@gradcam/core/browser';
import type { Edit } from '../edit/edit.ts';
import type { Pixels } from '../map/paint.ts';

/** The engines that a browser can run. `auto` leaves the choice to the page. */
export const engineChoices = ['auto', 'onnx', 'wasm', 'webgl', 'webgpu'] as const;
export type EngineChoice = (typeof engineChoices)[number];

/** Facts about a method for menus, from core's registry. */
export interface MethodFacts {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly cost: string;
  readonly paper: string;
  /** False for methods that need no layer: their map is the same whichever layer is chosen. */
  readonly usesLayer: boolean;
  /** Whether it runs the model many times. */
  readonly isLong: boolean;
}

/** A layer that can be explained at. */
export interface LayerFacts {
  /** The name by which the layer is requested. */
  readonly name: string;
  /** Whether this name comes from the model's source and is not the layer's own. */
  readonly isEndpoint: boolean;
  /** [rows, columns, channels] */
  readonly shape: readonly number[];
}

/** The facts that the reader states about a model. */
export type Stated = Pick<ModelOverrides, 'inputRange' | 'channelOrder' | 'inputSize' | 'output'>;

/** One of a model's outputs. */
export interface OutputFacts {
  /** The layer that gives this output. */
  readonly name: string;
  readonly inWords: string;
  /** Whether it is the one that is explained. */
  readonly isExplained: boolean;
}

/** Where a model's files are: on this server, or among the reader's own files. */
export type ModelPlace =
  | {
      readonly kind: 'served';
      /** Address of the model's folder, ending in a slash. */
      readonly address: string;
    }
  | {
      readonly kind: 'dropped';
      /** The name of the files in errors. */
      readonly name: string;
      readonly files: readonly ModelBlob[];
    };

/** A model that is ready to explain. */
export interface OpenedModel {
  readonly id: string;
  /** Runtime and backend, e.g. `tfjs-wasm`. */
  readonly engine: string;
  /** The reason for this engine, in words. */
  readonly reason: string;
  /** Whether the model itself describes how its input is made from pixels. */
  readonly isDescribed: boolean;
  /** Whether it is one of the demo nets, which were trained on drawings and not on photos. */
  readonly isDemo: boolean;
  /** The facts that were read from files beside the model, and those that are not used. */
  readonly readFrom: readonly string[];
  readonly assumptions: readonly string[];
  /** For a translated model, how it was compared with its file; otherwise null. */
  readonly proof: string | null;
  /** How pixels and channels become the input, and whether that is only assumed. */
  readonly pixels: { readonly inWords: string; readonly isAssumed: boolean };
  readonly channels: { readonly inWords: string; readonly isAssumed: boolean };
  readonly input: { readonly width: number; readonly height: number };
  /** Whether the model leaves the size of its input open, so that the reader can state another one. */
  readonly isSizeOpen: boolean;
  /** All outputs of the model, in the order of the layers that give them. */
  readonly outputs: readonly OutputFacts[];
  /** What the numbers of the explained output mean. */
  readonly answer: OutputKind;
  /** The same in words. */
  readonly answerInWords: string;
  readonly classes: number;
  /** What the model does with words; null for a model without them. */
  readonly text: 'question' | 'caption' | null;
  readonly labels: readonly string[];
  readonly layers: readonly LayerFacts[];
  readonly defaultLayer: string;
}

/** A decoded image, with a copy that is small enough to draw. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  readonly preview: Pixels;
}

/** An explanation of the image in the form of a run's result, with its map. */
export interface LiveExplanation {
  /** The result line, which contains only the requested explanation. */
  readonly line: ResultLine;
  /** [rows, columns], or [height, width, 3] for a method at the input. */
  readonly raw: NdArray;
  readonly geometry: Geometry;
  /** One line for each thing that the model does not read as the reader wrote it. */
  readonly textNotes: readonly string[];
}

/** A map of the layer strip. */
export interface LayerMap {
  readonly layer: string;
  readonly raw: NdArray;
  readonly relu: boolean;
  /** The raw value that means no evidence, if it is not 0. */
  readonly nothing: number | undefined;
  /** Whether the displayed map is zero everywhere. */
  readonly isBlank: boolean;
}

/** The maps of one class at all grid sizes of the net. */
export interface LayerStrip {
  /** The method that computed them. */
  readonly method: string;
  readonly maps: readonly LayerMap[];
  readonly geometry: Geometry;
}

/** The words that an explanation is about. */
export interface AskedWords {
  /** What is asked of a model that answers questions; empty if nothing is asked. */
  readonly question: string;
  /** A caption of the reader's own; empty for the model's. */
  readonly say: string;
}

/** Which image is explained: with the reader's edits or as it was given. */
export type EditedOrGiven = 'edited' | 'given';

/** What to explain. */
export interface ExplainRequest extends AskedWords {
  readonly method: string;
  readonly layer: string;
  /** The target in the form of the command line. */
  readonly target: string;
  /** The number of passes for methods that run the model many times; null for the method's default. */
  readonly runs: number | null;
  readonly image: EditedOrGiven;
}

/** All calls to the worker by name, each with its answer. */
export interface Calls {
  readonly listMethods: { readonly ask: null; readonly answer: readonly MethodFacts[] };
  readonly openModel: {
    readonly ask: {
      readonly place: ModelPlace;
      readonly engine: EngineChoice;
      readonly stated: Stated;
    };
    readonly answer: OpenedModel;
  };
  readonly decodeImage: {
    readonly ask: { readonly blob: Blob; readonly name: string };
    readonly answer: DecodedImage;
  };
  /** Applies all edits to the image as it was given. */
  readonly editImage: { readonly ask: readonly Edit[]; readonly answer: DecodedImage };
  /** The edited image as a PNG file, in all of its pixels. */
  readonly saveEdited: { readonly ask: null; readonly answer: Blob };
  readonly explain: { readonly ask: ExplainRequest; readonly answer: LiveExplanation };
  readonly explainLayers: {
    readonly ask: Pick<ExplainRequest, 'method' | 'target' | 'image' | keyof AskedWords>;
    readonly answer: LayerStrip;
  };
}

export type CallName = keyof Calls;

/** The progress of a call. */
export interface Progress {
  readonly stage: 'weights' | 'engine' | 'runs';
  readonly done: number;
  /** 0 if the total is unknown. */
  readonly total: number;
}

/** A message to the worker. */
export type Order =
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly ask: unknown }
  /** A cancel takes effect between two passes of the engine. */
  | { readonly kind: 'cancel'; readonly id: number };

/** A message from the worker. */
export type Report = { readonly id: number } & (
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly answer: unknown }
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** Undefined for an unexpected error of the program. */
      readonly errorKind: GradcamErrorKind | undefined;
    }
);
