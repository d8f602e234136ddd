import type { LayerStrip, LiveExplanation, MethodFacts } from '../worker/protocol.ts';
import { noEdits, reduceEdits, type EditAction } from './edit-state.ts';
import {
  droppedId,
  lacksQuestion,
  noExplanation,
  type DroppedModel,
  type EditedImage,
  type ExplanationState,
  type ImageSource,
  type ImageState,
  type LiveState,
  type ModelState,
  type Original,
  type ServedState,
} from './live-state.ts';
import type { LiveView } from './live-view.ts';

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
  | { readonly type: 'edit'; readonly edit: EditAction }
  | { readonly type: 'image-edited'; readonly edited: EditedImage }
  | { readonly type: 'work-changed'; readonly work: ExplanationState['work'] }
  | {
      readonly type: 'explained';
      readonly explanation: LiveExplanation;
      /** The same of the image without edits, if it was computed too. */
      readonly unedited?: LiveExplanation | undefined;
    }
  | { readonly type: 'strip-drawn'; readonly strip: LayerStrip | null }
  | { readonly type: 'asked-again' }
  | { readonly type: 'worker-ended' };

/** Computes the next state. It has no side effects. */
export function reduceLiveState(state: LiveState, action: LiveAction): LiveState {
  switch (action.type) {
    case 'link-followed':
      return {
        ...state,
        view: action.view,
        explanation: lacksQuestion({ ...state, view: action.view })
          ? noExplanation
          : { ...state.explanation, isCurrent: false, unedited: null },
      };
    case 'view-changed': {
      const { explanation } = state;
      // Cancelled work does not start again until the reader asks for another explanation.
      const isAsked = Object.keys(action.change).some((part) => askingParts.has(part));
      const asked = { work: { kind: 'idle' }, isCurrent: false, unedited: null } as const;
      return {
        ...state,
        view: changeView(state.view, action.change),
        explanation: { ...explanation, ...(isAsked ? asked : {}) },
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
      return { ...state, view, dropped, explanation: noExplanation };
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
      // So did a sentence of the reader's; a question is asked again.
      const say = state.image.kind === 'none' ? state.view.say : '';
      const view = { ...state.view, sample, ...names, target, say };
      return {
        ...state,
        view,
        image,
        editing: noEdits,
        edited: null,
        explanation: noExplanation,
      };
    }
    case 'image-changed': {
      const { image } = action;
      return { ...state, image, edited: null, explanation: forget(state.explanation) };
    }
    case 'edit':
      return editImage(state, action.edit);
    case 'image-edited': {
      const isCurrent = action.edited.edits === state.editing.edits;
      return isCurrent ? { ...state, edited: action.edited } : state;
    }
    case 'work-changed':
      return { ...state, explanation: { ...state.explanation, work: action.work } };
    case 'explained': {
      const { strip, unedited } = state.explanation;
      return {
        ...state,
        explanation: {
          shown: action.explanation,
          isCurrent: true,
          unedited: action.unedited ?? unedited,
          work: { kind: 'idle' },
          strip,
        },
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
  'question',
  'say',
]);

function forget({ work }: ExplanationState): ExplanationState {
  return work.kind === 'cancelled' ? { ...noExplanation, work } : noExplanation;
}

/**
 * Changes the view. Another model has other layers and classes and describes its own input, so these
 * choices are reset.
 */
function changeView(view: LiveView, change: Partial<LiveView>): LiveView {
  if (change.model === undefined || change.model === view.model) return { ...view, ...change };
  const asked = { layer: 'auto', target: 'top1', say: '' } as const;
  const stated = { inputRange: null, channelOrder: null, inputSize: null, output: null } as const;
  return { ...view, ...asked, ...stated, ...change };
}

/**
 * Changes the edits. The map of the image as it was is kept for the comparison, and the class stays the
 * same. A map that belongs to an earlier question is not kept: the page computes the right one.
 */
function editImage(state: LiveState, action: EditAction): LiveState {
  const { image, explanation, view } = state;
  if (image.kind !== 'ready') return state;
  const editing = reduceEdits(state.editing, action, image.decoded);
  if (editing.edits === state.editing.edits) return { ...state, editing };
  const isFirst = state.editing.edits.length === 0;
  const current = explanation.isCurrent ? explanation.shown : null;
  const unedited = isFirst ? current : explanation.unedited;
  return {
    ...state,
    editing,
    // The most probable class of the edited image may be another one, whose score says nothing about this
    // one.
    view: isFirst ? { ...view, ...lastingAsk(view, current) } : view,
    explanation: { ...forget(explanation), work: { kind: 'idle' }, unedited },
  };
}

/** The target that stands for the same class in every image, and the words of the caption that is shown. */
function lastingAsk(
  { target, say }: LiveView,
  shown: LiveExplanation | null,
): Pick<LiveView, 'target' | 'say'> {
  const of = shown?.line.explanations[0]?.target;
  const isClass = of?.kind === 'class' || of?.kind === 'region';
  const text = shown?.line.text;
  const words = text !== undefined && 'caption' in text ? text.caption.map(({ word }) => word) : [];
  return {
    target: isClass && /^top\d+$/.test(target) ? String(of.index) : target,
    say: say === '' ? words.join(' ') : say,
  };
}
