import type { ModelBlob } from '@gradcam/core/browser';
import type {
  DecodedImage,
  LayerStrip,
  LiveExplanation,
  MethodFacts,
  OpenedModel,
  Progress,
} from '../worker/protocol.ts';
import type { Edit } from '../edit/edit.ts';
import { noEdits, type EditState } from './edit-state.ts';
import type { LiveView } from './live-view.ts';

/** What the page knows about the run and the models that the server offers. */
export type ServedState =
  | { readonly kind: 'loading' }
  | {
      readonly kind: 'ready';
      readonly run: boolean;
      readonly models: readonly string[];
      /** The model that is opened where the view names none: one of pictures alone, if there is any. */
      readonly first: string | null;
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

/** The image with the reader's edits. */
export interface EditedImage {
  /** The edits that were applied. */
  readonly edits: readonly Edit[];
  readonly decoded: DecodedImage;
}

/** The work on the next map, and the last map that was computed. */
export interface ExplanationState {
  /** The last map stays while another is computed; null after the image or the model changed. */
  readonly shown: LiveExplanation | null;
  /** Whether the last map is what the view asks for; false while another is computed, and if that fails. */
  readonly isCurrent: boolean;
  /**
   * The same explanation of the image without edits, with which the page compares; null if there are no edits
   * or something else was asked for in the meantime.
   */
  readonly unedited: LiveExplanation | null;
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
  readonly editing: EditState;
  /** Null until the worker has applied the edits, and if there are none. */
  readonly edited: EditedImage | null;
  readonly explanation: ExplanationState;
  /** Counts the workers. A new worker knows neither the model nor the image of the one that ended. */
  readonly worker: number;
  /** Counts how often the same explanation was requested again, for example after a cancel. */
  readonly attempt: number;
}

/** Changes parts of the view. */
export type ChangeLiveView = (change: Partial<LiveView>) => void;

/** Nothing is explained yet. */
export const noExplanation: ExplanationState = {
  shown: null,
  isCurrent: true,
  unedited: null,
  work: { kind: 'idle' },
  strip: null,
};

/** The state of a page that has not read anything yet. */
export function initialLiveState(view: LiveView): LiveState {
  return {
    view,
    served: { kind: 'loading' },
    methods: [],
    model: { kind: 'none' },
    dropped: null,
    image: { kind: 'none' },
    editing: noEdits,
    edited: null,
    explanation: noExplanation,
    worker: 0,
    attempt: 0,
  };
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

/** The selected model: the one that the view names, or else the one that the page begins with. */
export function wantedModel({ view, served }: LiveState): string | null {
  if (view.model !== null) return view.model;
  return served.kind === 'ready' ? served.first : null;
}

/** The image that is explained: with all edits if there are any. Null until it is decoded and edited. */
export function explainedImage({ image, editing, edited }: LiveState): DecodedImage | null {
  if (image.kind !== 'ready') return null;
  if (editing.edits.length === 0) return image.decoded;
  return edited?.edits === editing.edits ? edited.decoded : null;
}

/** Whether the model waits for a question, so that there is nothing to explain yet. */
export function lacksQuestion({ model, view }: Pick<LiveState, 'model' | 'view'>): boolean {
  const isAnswering = model.kind === 'ready' && model.model.text === 'question';
  return isAnswering && view.question === '';
}

/** The target that is explained. Of a caption, the page explains the whole sentence first. */
export function explainedTarget({ model, view }: Pick<LiveState, 'model' | 'view'>): string {
  const isWriting = model.kind === 'ready' && model.model.text === 'caption';
  return isWriting && view.target === 'top1' ? 'sentence' : view.target;
}
