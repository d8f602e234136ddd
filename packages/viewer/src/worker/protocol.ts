import type {
  Geometry,
  GradcamErrorKind,
  ModelOverrides,
  NdArray,
  OutputKind,
  ResultLine,
} from '@gradcam/core';
import type { ModelBlob } from '@gradcam/core/browser';
import type { Pixels } from '../map/paint.ts';

/** What can compute in a browser; `auto` leaves the choice to the page. */
export const engineChoices = ['auto', 'onnx', 'wasm', 'webgl', 'webgpu'] as const;
export type EngineChoice = (typeof engineChoices)[number];

/** A method as menus show it: the facts of core's registry. */
export interface MethodFacts {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly cost: string;
  readonly paper: string;
  /** Of methods without one, the same map comes whatever layer is chosen. */
  readonly usesLayer: boolean;
  /** Whether it runs the model many times. */
  readonly isLong: boolean;
}

/** A layer that can be explained at. */
export interface LayerFacts {
  /** As it is asked for. */
  readonly name: string;
  /** The name that the model's source gave it, rather than the layer's own. */
  readonly isEndpoint: boolean;
  /** [rows, columns, channels] */
  readonly shape: readonly number[];
}

/** What the reader of the page states of a model. */
export type Stated = Pick<ModelOverrides, 'inputRange' | 'channelOrder' | 'inputSize' | 'output'>;

/** One of a model's outputs. */
export interface OutputFacts {
  /** The layer that gives it. */
  readonly name: string;
  readonly inWords: string;
  /** Whether it is the one that is explained. */
  readonly isExplained: boolean;
}

/** Where a model's files are: on this server, or in the reader's hands. */
export type ModelPlace =
  | {
      readonly kind: 'served';
      /** Address of the model's folder, ending in a slash. */
      readonly address: string;
    }
  | {
      readonly kind: 'dropped';
      /** How errors name the files. */
      readonly name: string;
      readonly files: readonly ModelBlob[];
    };

/** A model that is ready to explain. */
export interface OpenedModel {
  readonly id: string;
  /** Runtime and backend, e.g. `tfjs-wasm`. */
  readonly engine: string;
  /** Why this engine, in words. */
  readonly reason: string;
  /** Whether the model says itself how it takes pixels. */
  readonly isDescribed: boolean;
  /** Whether it is one of the demo nets, which know drawings and no photos. */
  readonly isDemo: boolean;
  /** What was read beside the model, and what of it is not used. */
  readonly readFrom: readonly string[];
  readonly assumptions: readonly string[];
  /** Of a translated model, how it was compared with its file; else null. */
  readonly proof: string | null;
  readonly input: { readonly width: number; readonly height: number };
  /** Whether the model leaves that size open, so that another one can be stated. */
  readonly isSizeOpen: boolean;
  /** All of its outputs, in the order of the layers that give them. */
  readonly outputs: readonly OutputFacts[];
  /** What the numbers of the explained output mean. */
  readonly answer: OutputKind;
  /** The same in words. */
  readonly answerInWords: string;
  readonly classes: number;
  readonly labels: readonly string[];
  readonly layers: readonly LayerFacts[];
  readonly defaultLayer: string;
}

/** An image that was decoded, with a copy that is small enough to draw. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  readonly preview: Pixels;
}

/** An explanation of the image, in the terms of a run's result, with its map. */
export interface LiveExplanation {
  /** With the one explanation that was asked for. */
  readonly line: ResultLine;
  /** [rows, columns], or [height, width, 3] of a method at the input. */
  readonly raw: NdArray;
  readonly geometry: Geometry;
}

/** A map of the layer strip. */
export interface LayerMap {
  readonly layer: string;
  readonly raw: NdArray;
  readonly relu: boolean;
  /** The raw value that means "nothing", where that is not 0. */
  readonly nothing: number | undefined;
  /** Whether the displayed map is zero everywhere. */
  readonly isBlank: boolean;
}

/** Maps of one class at all grids of the net. */
export interface LayerStrip {
  /** The method that drew them. */
  readonly method: string;
  readonly maps: readonly LayerMap[];
  readonly geometry: Geometry;
}

/** What is to be explained. */
export interface ExplainRequest {
  readonly method: string;
  readonly layer: string;
  /** As on the command line. */
  readonly target: string;
  /** Budget of the methods that run the model many times; null for the method's own. */
  readonly runs: number | null;
}

/** All that the worker can be asked, by name, with its answer. */
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
  readonly explain: { readonly ask: ExplainRequest; readonly answer: LiveExplanation };
  readonly explainLayers: {
    readonly ask: Pick<ExplainRequest, 'method' | 'target'>;
    readonly answer: LayerStrip;
  };
}

export type CallName = keyof Calls;

/** How far a call is. */
export interface Progress {
  readonly stage: 'weights' | 'engine' | 'runs';
  readonly done: number;
  /** 0 where it is not known. */
  readonly total: number;
}

/** To the worker. */
export type Order =
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly ask: unknown }
  /** Takes effect between two runs of the engine. */
  | { readonly kind: 'cancel'; readonly id: number };

/** From the worker. */
export type Report = { readonly id: number } & (
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly answer: unknown }
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** undefined for a fault of the program. */
      readonly errorKind: GradcamErrorKind | undefined;
    }
);
