import type { RunFile } from '@gradcam/core';
import type { Entry } from '../run/entry.ts';
import type { Action } from '../state/state.ts';
import { FailedCard } from './failed-card.tsx';
import { ImageCard } from './image-card.tsx';

/** All images that the filters leave. */
export function ImageGrid(props: {
  base: string;
  entries: readonly Entry[];
  isEmptyRun: boolean;
  status: RunFile['status'];
  marks: boolean;
  dispatch: (action: Action) => void;
}) {
  const { base, entries, marks, dispatch } = props;
  if (entries.length === 0) {
    return <p class="grid-empty">{explainEmpty(props.isEmptyRun, props.status)}</p>;
  }
  return (
    <ul class="grid" aria-label="Images">
      {entries.map((entry) => (
        <li key={entry.image}>
          {entry.kind === 'explained' ? (
            <ImageCard base={base} entry={entry} marks={marks} dispatch={dispatch} />
          ) : (
            <FailedCard entry={entry} />
          )}
        </li>
      ))}
    </ul>
  );
}

function explainEmpty(isEmptyRun: boolean, status: RunFile['status']): string {
  if (!isEmptyRun) return 'No image passes the filters.';
  if (status === 'running') return 'No image is done yet; they appear here one by one.';
  return 'This run holds no images.';
}
