import type { RunFile } from '@gradcam/core';
import { listEntries, type Entry } from '../run/entry.ts';
import type { LoadedRun } from '../run/load-run.ts';
import type { View } from './view.ts';

/** What the page knows about the run. */
export type RunState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'broken'; readonly message: string }
  | {
      readonly kind: 'open';
      readonly run: RunFile;
      readonly entries: readonly Entry[];
      /** The number of lines read. Two lines may be about the same image. */
      readonly lineCount: number;
      /** One text for each line that is left out because it is not a result: its number and its fault. */
      readonly leftOut: readonly string[];
      /** The reason, if a later reading failed. The page then shows the last state that could be read. */
      readonly staleBecause: string | null;
    };

/** The state from which everything on the page follows. */
export interface State {
  readonly run: RunState;
  /** The run with which this one is compared; null if none was given. */
  readonly other: RunState | null;
  readonly view: View;
}

/** All events that change the state. */
export type Action =
  | { readonly type: 'run-read'; readonly loaded: LoadedRun }
  | { readonly type: 'other-run-read'; readonly loaded: LoadedRun }
  | { readonly type: 'link-followed'; readonly view: View }
  | {
      readonly type: 'image-opened';
      readonly image: string;
      readonly explanation: string | null;
    }
  | { readonly type: 'image-closed' }
  /** The reader changed a filter, a picture or a slider. */
  | { readonly type: 'view-changed'; readonly change: Partial<Omit<View, 'image'>> };

/** Changes parts of the view. */
export type ChangeView = (change: Partial<Omit<View, 'image'>>) => void;

/** The state of a page before its run is read. */
export function initialState(view: View): State {
  return { run: { kind: 'loading' }, other: null, view };
}

/** Computes the next state. It has no side effects. */
export function reduceState(state: State, action: Action): State {
  if (action.type === 'run-read') return { ...state, run: nextRun(state.run, action.loaded) };
  if (action.type === 'other-run-read') {
    return { ...state, other: nextRun(state.other ?? { kind: 'loading' }, action.loaded) };
  }
  return { ...state, view: nextView(state.view, action) };
}

function nextRun(run: RunState, loaded: LoadedRun): RunState {
  if (loaded.kind === 'open') {
    const isSame =
      run.kind === 'open' && run.staleBecause === null && run.run.status === loaded.run.status;
    // Most readings of a slow run find nothing new. Returning the same state then avoids a rendering of the
    // page.
    const isAsLong =
      isSame &&
      run.lineCount === loaded.lines.length &&
      run.leftOut.length === loaded.leftOut.length;
    if (isAsLong) return run;
    return {
      kind: 'open',
      run: loaded.run,
      entries: listEntries(loaded.lines),
      lineCount: loaded.lines.length,
      leftOut: loaded.leftOut,
      staleBecause: null,
    };
  }
  if (run.kind !== 'open') return loaded;
  const reasons = {
    missing: 'the run is no longer there',
    unreachable: 'the server does not answer',
    broken: loaded.kind === 'broken' ? loaded.message : '',
  };
  return { ...run, staleBecause: reasons[loaded.kind] };
}

function nextView(
  view: View,
  action: Exclude<Action, { type: 'run-read' | 'other-run-read' }>,
): View {
  switch (action.type) {
    case 'link-followed':
      return action.view;
    case 'image-opened':
      return { ...view, image: action.image, explanation: action.explanation };
    case 'image-closed':
      return { ...view, image: null, explanation: null };
    case 'view-changed':
      return { ...view, ...action.change };
  }
}
