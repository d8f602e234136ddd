import type { ModelBlob } from '@gradcam/core/browser';
import type {
  DecodedImage,
  LayerStrip,
  LiveExplanation,
  MethodFacts,
  OpenedModel,
  Progress,
} from '../worker/protocol.ts';
import type { LiveView } from './live-view.ts';

/** What the page knows about the run and the models that the server offers. */
export type ServedState =
  | { readonly kind: 'loading' }
  | {
      readonly kind: 'ready';
      readonly run: boolean;
      readonly models: readonly string[];
      /** Address of the documentation, where the page is a part of it. */
      readonly documentation?: string | undefined;
    }
  | { readonly kind: 'failed'; readonly message: string };

export type ModelState =
  | { readonly kind: 'none' }
  | { readonly kind: 'opening'; readonly progress: Progress | null }
  | { readonly kind: 'ready'; readonly model: OpenedModel }
  | { readonly kind: 'failed'; readonly message: string };

/** An image that the reader dropped, pasted, took with the camera or chose. */
export interface ImageSource {
  readonly blob: Blob;
  readonly name: string;
}

/** An image of the run that this server shows. */
export interface Original {
  /** Hex sha256 of the file. */
  readonly sha256: string;
  readonly name: string;
}

/** A model that the reader dropped on the page or chose there. A link cannot contain it. */
export interface DroppedModel {
  /** The name of its folder, or of its main file. */
  readonly name: string;
  readonly files: readonly ModelBlob[];
}

export type ImageState =
  | { readonly kind: 'none' }
  | { readonly kind: 'decoding'; readonly source: ImageSource }
  | { readonly kind: 'ready'; readonly source: ImageSource; readonly decoded: DecodedImage }
  | { readonly kind: 'failed'; readonly message: string };

/** The work on the next map, and the last map that was computed. */
export interface ExplanationState {
  /** The last map stays while another is computed; null after the image or the model changed. */
  readonly shown: LiveExplanation | null;
  readonly work:
    | { readonly kind: 'idle' }
    | { readonly kind: 'busy'; readonly progress: Progress | null }
    | { readonly kind: 'cancelled' }
    | { readonly kind: 'failed'; readonly message: string };
  readonly strip: LayerStrip | null;
}

/** The state from which everything on the live page follows. */
export interface LiveState {
  readonly view: LiveView;
  readonly served: ServedState;
  readonly methods: readonly MethodFacts[];
  readonly model: ModelState;
  /** The last dropped model, whether it is chosen or not. */
  readonly dropped: DroppedModel | null;
  readonly image: ImageState;
  readonly explanation: ExplanationState;
  /** Counts the workers. A new worker knows neither the model nor the image of the one that ended. */
  readonly worker: number;
  /** Counts how often the same explanation was requested again, for example after a cancel. */
  readonly attempt: number;
}

/** All events that change the state. */
export type LiveAction =
  | { readonly type: 'link-followed'; readonly view: LiveView }
  | { readonly type: 'view-changed'; readonly change: Partial<LiveView> }
  | { readonly type: 'served-read'; readonly served: ServedState }
  | { readonly type: 'methods-listed'; readonly methods: readonly MethodFacts[] }
  | { readonly type: 'model-changed'; readonly model: ModelState }
  | { readonly type: 'model-dropped'; readonly dropped: DroppedModel }
  /**
   * `sample` is the name of a sample image, `original` identifies an image of the run; both are null for the
   * reader's own image.
   */
  | {
      readonly type: 'image-given';
      readonly source: ImageSource;
      readonly sample: string | null;
      readonly original?: Original;
    }
  | { readonly type: 'image-changed'; readonly image: ImageState }
  | { readonly type: 'work-changed'; readonly work: ExplanationState['work'] }
  | { readonly type: 'explained'; readonly explanation: LiveExplanation }
  | { readonly type: 'strip-drawn'; readonly strip: LayerStrip | null }
  | { readonly type: 'asked-again' }
  | { readonly type: 'worker-ended' };

/** Changes parts of the view. */
export type ChangeLiveView = (change: Partial<LiveView>) => void;

const nothing: ExplanationState = { shown: null, work: { kind: 'idle' }, strip: null };

/** The state of a page that has not read anything yet. */
export function initialLiveState(view: LiveView): LiveState {
  return {
    view,
    served: { kind: 'loading' },
    methods: [],
    model: { kind: 'none' },
    dropped: null,
    image: { kind: 'none' },
    explanation: nothing,
    worker: 0,
    attempt: 0,
  };
}

/** Computes the next state. It has no side effects. */
export function reduceLiveState(state: LiveState, action: LiveAction): LiveState {
  switch (action.type) {
    case 'link-followed':
      return { ...state, view: action.view };
    case 'view-changed': {
      const { explanation } = state;
      // Cancelled work does not start again until the reader asks for another explanation.
      const isAsked = Object.keys(action.change).some((part) => askingParts.has(part));
      const work = isAsked ? ({ kind: 'idle' } as const) : explanation.work;
      return {
        ...state,
        view: changeView(state.view, action.change),
        explanation: { ...explanation, work },
      };
    }
    case 'served-read':
      return { ...state, served: action.served };
    case 'methods-listed':
      return { ...state, methods: action.methods };
    case 'model-changed':
      // The last map belongs to another model and is no longer shown.
      return { ...state, model: action.model, explanation: forget(state.explanation) };
    case 'model-dropped': {
      const { dropped } = action;
      // Two dropped models may have the same name, such as `model.onnx`, so the view is always reset.
      const view = changeView({ ...state.view, model: null }, { model: droppedId(dropped) });
      return { ...state, view, dropped, explanation: nothing };
    }
    case 'image-given': {
      const image = { kind: 'decoding', source: action.source } as const;
      // A chosen class belonged to the last image.
      const target = state.image.kind === 'none' ? state.view.target : 'top1';
      const { sample, original } = action;
      const names = {
        original: original?.sha256 ?? null,
        originalName: original?.name ?? null,
      };
      const view = { ...state.view, sample, ...names, target };
      return { ...state, view, image, explanation: nothing };
    }
    case 'image-changed':
      return { ...state, image: action.image, explanation: forget(state.explanation) };
    case 'work-changed':
      return { ...state, explanation: { ...state.explanation, work: action.work } };
    case 'explained': {
      const { strip } = state.explanation;
      return {
        ...state,
        explanation: { shown: action.explanation, work: { kind: 'idle' }, strip },
      };
    }
    case 'strip-drawn':
      return { ...state, explanation: { ...state.explanation, strip: action.strip } };
    case 'asked-again':
      return {
        ...state,
        attempt: state.attempt + 1,
        explanation: { ...state.explanation, work: { kind: 'idle' } },
      };
    case 'worker-ended': {
      const { image } = state;
      return {
        ...state,
        worker: state.worker + 1,
        model: { kind: 'none' },
        image: image.kind === 'ready' ? { kind: 'decoding', source: image.source } : image,
      };
    }
  }
}

/** The parts of the view that decide what is explained. The other parts decide how it is shown. */
const askingParts: ReadonlySet<string> = new Set<keyof LiveView>([
  'model',
  'engine',
  'inputRange',
  'channelOrder',
  'inputSize',
  'output',
  'method',
  'layer',
  'target',
  'runs',
]);

function forget({ work }: ExplanationState): ExplanationState {
  return work.kind === 'cancelled' ? { ...nothing, work } : nothing;
}

/**
 * Changes the view. Another model has other layers and classes and describes its own input, so these
 * choices are reset.
 */
function changeView(view: LiveView, change: Partial<LiveView>): LiveView {
  if (change.model === undefined || change.model === view.model) return { ...view, ...change };
  const asked = { layer: 'auto', target: 'top1' } as const;
  const stated = { inputRange: null, channelOrder: null, inputSize: null, output: null } as const;
  return { ...view, ...asked, ...stated, ...change };
}

/** The prefix of dropped models' names in links and menus. The names of served models have no prefix. */
const DROPPED = 'file:';

/** The name of a dropped model in links and menus. */
export function droppedId({ name }: DroppedModel): string {
  return DROPPED + name;
}

/** The name of a file that a link names and that this page does not have; null if no file is missing. */
export function missingFile(state: LiveState): string | null {
  const { model } = state.view;
  if (model === null || !model.startsWith(DROPPED)) return null;
  const isHere = state.dropped !== null && droppedId(state.dropped) === model;
  return isHere ? null : model.slice(DROPPED.length);
}

/** The dropped model, if the view selects it. */
export function wantedDrop(state: LiveState): DroppedModel | null {
  const { dropped, view } = state;
  return dropped !== null && droppedId(dropped) === view.model ? dropped : null;
}

/** The selected model: the one that the view names, or else the first that the server offers. */
export function wantedModel({ view, served }: LiveState): string | null {
  if (view.model !== null) return view.model;
  return served.kind === 'ready' ? (served.models[0] ?? null) : null;
}
