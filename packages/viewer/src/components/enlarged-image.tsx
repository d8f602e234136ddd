import { useLayoutEffect, useRef } from 'preact/hooks';
import type { RunSettings } from '@gradcam/core';
import type { Entry } from '../run/entry.ts';
import type { OtherRun } from '../run/other-run.ts';
import { findNeighbours } from '../state/select.ts';
import { applyShortcut } from '../state/shortcuts.ts';
import type { Action, ChangeView } from '../state/state.ts';
import type { View } from '../state/view.ts';
import { EnlargedMaps } from './enlarged-maps.tsx';

/** Shows one image over the page, as large as the window allows. */
export function EnlargedImage(props: {
  base: string;
  /** Null if the permalink names an image that the run does not contain. */
  entry: Entry | null;
  /** The key of the entry, or the image that the permalink names. */
  current: string;
  shown: readonly Entry[];
  settings: RunSettings;
  /** Id of the run's model if the live page can open it, or null. */
  liveModel: string | null;
  other: OtherRun | null;
  view: View;
  dispatch: (action: Action) => void;
  change: ChangeView;
}) {
  const { base, entry, current, shown, settings, liveModel, other, view, dispatch, change } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  // This must be a layout effect: only its cleanup runs before the dialog leaves the page, while closing
  // the dialog still returns the focus to the element that had it.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // The focus is not set on the first button, so that the keys work at once and no focus ring distracts
    // from the map.
    element?.focus();
    return () => element?.close();
  }, []);
  const { previous, next, position } = findNeighbours(shown, current);
  const open = (other: Entry | null): void => {
    if (other === null) return;
    dispatch({ type: 'image-opened', image: other.key, explanation: view.explanation });
  };
  const close = (): void => dispatch({ type: 'image-closed' });
  return (
    <dialog
      ref={dialog}
      tabIndex={-1}
      class="enlarged"
      aria-labelledby="enlarged-name"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === dialog.current && close()}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const { target, key } = event;
        const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
        if (!isField && key === 'ArrowLeft') open(previous);
        if (!isField && key === 'ArrowRight') open(next);
        // In a list, letters choose an entry.
        if (target instanceof HTMLSelectElement || entry?.kind !== 'explained') return;
        const changed = applyShortcut(key, view, entry.line, settings);
        if (changed !== null) change(changed);
      }}
    >
      <header class="enlarged-header">
        <h2 id="enlarged-name" title={entry?.image ?? current}>
          {entry?.name ?? current}
        </h2>
        {position >= 0 && (
          <p class="enlarged-position">
            {(position + 1).toLocaleString('en')} of {shown.length.toLocaleString('en')}
          </p>
        )}
        <div class="enlarged-steps">
          <button
            type="button"
            class="icon-button"
            aria-label="Previous image"
            disabled={previous === null}
            onClick={() => open(previous)}
          >
            ←
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label="Next image"
            disabled={next === null}
            onClick={() => open(next)}
          >
            →
          </button>
          <button type="button" class="icon-button" aria-label="Close" onClick={close}>
            ✕
          </button>
        </div>
      </header>
      {entry === null && <p class="message message-warning">This run holds no such image.</p>}
      {entry?.kind === 'failed' && (
        <p class="message message-bad">
          {entry.line.question !== undefined && `Asked “${entry.line.question}”: `}
          {entry.line.error}
        </p>
      )}
      {entry?.kind === 'explained' && (
        <EnlargedMaps
          base={base}
          entry={entry}
          settings={settings}
          liveModel={liveModel}
          other={
            other === null || entry.other === undefined
              ? null
              : { ...other, line: entry.other.line }
          }
          view={view}
          change={change}
        />
      )}
    </dialog>
  );
}
