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

/** What the page knows of the run and the models that the server offers. */
export type ServedState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly run: boolean; readonly models: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string };

export type ModelState =
  | { readonly kind: 'none' }
  | { readonly kind: 'opening'; readonly progress: Progress | null }
  | { readonly kind: 'ready'; readonly model: OpenedModel }
  | { readonly kind: 'failed'; readonly message: string };

/** An image that was dropped, pasted, taken or chosen. */
export interface ImageSource {
  readonly blob: Blob;
  readonly name: string;
}

/** A model that was dropped on the page or chosen there; it is in no link. */
export interface DroppedModel {
  /** Name of its folder, or of its main file. */
  readonly name: string;
  readonly files: readonly ModelBlob[];
}

export type ImageState =
  | { readonly kind: 'none' }
  | { readonly kind: 'decoding'; readonly source: ImageSource }
  | { readonly kind: 'ready'; readonly source: ImageSource; readonly decoded: DecodedImage }
  | { readonly kind: 'failed'; readonly message: string };

/** The work on the map, and the last one that there is. */
export interface ExplanationState {
  /** Kept while another is computed; null for another image or model. */
  readonly shown: LiveExplanation | null;
  readonly work:
    | { readonly kind: 'idle' }
    | { readonly kind: 'busy'; readonly progress: Progress | null }
    | { readonly kind: 'cancelled' }
    | { readonly kind: 'failed'; readonly message: string };
  readonly strip: LayerStrip | null;
}

/** Everything the live page shows follows from this. */
export interface LiveState {
  readonly view: LiveView;
  readonly served: ServedState;
  readonly methods: readonly MethodFacts[];
  readonly model: ModelState;
  /** The last one, whether it is chosen or not. */
  readonly dropped: DroppedModel | null;
  readonly image: ImageState;
  readonly explanation: ExplanationState;
  /** Counts workers: one that was ended knows no model and no image. */
  readonly worker: number;
  /** Counts how often the same explanation was asked for again, as after a cancel. */
  readonly attempt: number;
}

/** All that can happen. */
export type LiveAction =
  | { readonly type: 'link-followed'; readonly view: LiveView }
  | { readonly type: 'view-changed'; readonly change: Partial<LiveView> }
  | { readonly type: 'served-read'; readonly served: ServedState }
  | { readonly type: 'methods-listed'; readonly methods: readonly MethodFacts[] }
  | { readonly type: 'model-changed'; readonly model: ModelState }
  | { readonly type: 'model-dropped'; readonly dropped: DroppedModel }
  /** `sample` is the name of a sample image; null for the reader's own. */
  | { readonly type: 'image-given'; readonly source: ImageSource; readonly sample: string | null }
  | { readonly type: 'image-changed'; readonly image: ImageState }
  | { readonly type: 'work-changed'; readonly work: ExplanationState['work'] }
  | { readonly type: 'explained'; readonly explanation: LiveExplanation }
  | { readonly type: 'strip-drawn'; readonly strip: LayerStrip | null }
  | { readonly type: 'asked-again' }
  | { readonly type: 'worker-ended' };

/** Changes parts of the view. */
export type ChangeLiveView = (change: Partial<LiveView>) => void;

const nothing: ExplanationState = { shown: null, work: { kind: 'idle' }, strip: null };

/** The state of a page of which nothing is read yet. */
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

/** The next state; pure. */
export function reduceLiveState(state: LiveState, action: LiveAction): LiveState {
  switch (action.type) {
    case 'link-followed':
      return { ...state, view: action.view };
    case 'view-changed': {
      const { explanation } = state;
      // What was cancelled is not taken up again until something else is asked for.
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
      // Another model, another map: nothing of the last one is shown for it.
      return { ...state, model: action.model, explanation: forget(state.explanation) };
    case 'model-dropped': {
      const { dropped } = action;
      // Two models may have one name, as `model.onnx`.
      const view = changeView({ ...state.view, model: null }, { model: droppedId(dropped) });
      return { ...state, view, dropped, explanation: nothing };
    }
    case 'image-given': {
      const image = { kind: 'decoding', source: action.source } as const;
      // What was asked of the last image was a class of it.
      const target = state.image.kind === 'none' ? state.view.target : 'top1';
      const view = { ...state.view, sample: action.sample, target };
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

/** Parts of the view that say what is explained, rather than how it is shown. */
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

/** Another model has other layers, other classes, and describes its input itself. */
function changeView(view: LiveView, change: Partial<LiveView>): LiveView {
  if (change.model === undefined || change.model === view.model) return { ...view, ...change };
  const asked = { layer: 'auto', target: 'top1' } as const;
  const stated = { inputRange: null, channelOrder: null, inputSize: null, output: null } as const;
  return { ...view, ...asked, ...stated, ...change };
}

/** What the names of dropped models begin with in links and menus, where served ones have theirs alone. */
const DROPPED = 'file:';

/** The name of a dropped model in links and menus. */
export function droppedId({ name }: DroppedModel): string {
  return DROPPED + name;
}

/** The name of a file that a link speaks of and the page does not have; null where nothing is missing. */
export function missingFile(state: LiveState): string | null {
  const { model } = state.view;
  if (model === null || !model.startsWith(DROPPED)) return null;
  const isHere = state.dropped !== null && droppedId(state.dropped) === model;
  return isHere ? null : model.slice(DROPPED.length);
}

/** The dropped model, if it is the one that is wanted. */
export function wantedDrop(state: LiveState): DroppedModel | null {
  const { dropped, view } = state;
  return dropped !== null && droppedId(dropped) === view.model ? dropped : null;
}

/** The model that is wanted: the view's, or the first that is served. */
export function wantedModel({ view, served }: LiveState): string | null {
  if (view.model !== null) return view.model;
  return served.kind === 'ready' ? (served.models[0] ?? null) : null;
}
