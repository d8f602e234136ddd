import {
  fitPatch,
  middlePatch,
  type Edit,
  type Erasure,
  type ImageSize,
  type Patch,
} from '../edit/edit.ts';

/** Which picture is shown after an edit: the edited one, the given one, or the difference of their maps. */
export const editViews = ['edited', 'given', 'difference'] as const;
export type EditView = (typeof editViews)[number];

/** The edits of the image, and the patch that the next edit will change. */
export interface EditState {
  /** Null while the reader does not edit. */
  readonly patch: Patch | null;
  /** The new place of the patch's upper left corner while the reader moves it; otherwise null. */
  readonly destination: Readonly<Record<'x' | 'y', number>> | null;
  readonly edits: readonly Edit[];
  readonly view: EditView;
}

export type EditAction =
  | { readonly type: 'begun' }
  /** The edits stay, only the tools disappear. */
  | { readonly type: 'ended' }
  /** Chooses the patch, or while it is moved, its new place. */
  | { readonly type: 'placed'; readonly patch: Patch }
  | { readonly type: 'erased'; readonly how: Erasure }
  | { readonly type: 'move-begun' }
  | { readonly type: 'move-ended' }
  | { readonly type: 'move-cancelled' }
  | { readonly type: 'undone' }
  | { readonly type: 'all-undone' }
  | { readonly type: 'view-chosen'; readonly view: EditView };

export const noEdits: EditState = { patch: null, destination: null, edits: [], view: 'edited' };

/** Computes the next state. It has no side effects. */
export function reduceEdits(state: EditState, action: EditAction, image: ImageSize): EditState {
  const { patch, destination, edits } = state;
  switch (action.type) {
    case 'begun':
      return { ...state, patch: middlePatch(image) };
    case 'ended':
      return { ...state, patch: null, destination: null };
    case 'placed': {
      const placed = fitPatch(action.patch, image);
      if (patch === null || destination === null) return { ...state, patch: placed };
      const moved = fitPatch({ ...patch, x: placed.x, y: placed.y }, image);
      return { ...state, destination: { x: moved.x, y: moved.y } };
    }
    case 'erased':
      if (patch === null) return state;
      return withEdits(state, [...edits, { kind: action.how, patch }]);
    case 'move-begun':
      return patch === null ? state : { ...state, destination: { x: patch.x, y: patch.y } };
    case 'move-ended': {
      if (patch === null || destination === null) return state;
      // The patch follows its pixels, so that it can be moved on.
      const next = { ...state, patch: { ...patch, ...destination }, destination: null };
      const isMoved = destination.x !== patch.x || destination.y !== patch.y;
      if (!isMoved) return next;
      return withEdits(next, [...edits, { kind: 'move', patch, to: destination }]);
    }
    case 'move-cancelled':
      return { ...state, destination: null };
    case 'undone': {
      const last = edits.at(-1);
      if (last === undefined) return state;
      // The patch is again where it was, for another try.
      const back = patch === null ? null : last.patch;
      return withEdits({ ...state, patch: back, destination: null }, edits.slice(0, -1));
    }
    case 'all-undone':
      return withEdits({ ...state, destination: null }, []);
    case 'view-chosen':
      return { ...state, view: action.view };
  }
}

function withEdits(state: EditState, edits: readonly Edit[]): EditState {
  return { ...state, edits, view: 'edited' };
}

/** The rectangle that the reader moves: the patch, or its new place. */
export function placedPatch({ patch, destination }: EditState): Patch | null {
  return patch === null ? null : { ...patch, ...destination };
}
