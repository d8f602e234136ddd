import { useCallback, useEffect, useMemo, useReducer } from 'preact/hooks';
import { findEntry } from '../run/entry.ts';
import { watchRun } from '../run/load-run.ts';
import { describeOtherRun } from '../run/other-run.ts';
import { pairEntries } from '../run/pair.ts';
import type { PictureSource } from '../run/picture-source.ts';
import { readPermalink, writePermalink } from '../state/permalink.ts';
import { countConfusion } from '../state/confusion.ts';
import { selectEntries } from '../state/select.ts';
import {
  initialState,
  reduceState,
  type Action,
  type ChangeView,
  type RunState,
} from '../state/state.ts';
import { EnlargedImage } from './enlarged-image.tsx';
import { GridLegend } from './grid-legend.tsx';
import { ImageGrid } from './image-grid.tsx';
import { RunHeader } from './run-header.tsx';
import { RunNotice } from './run-notice.tsx';
import { Toolbar } from './toolbar.tsx';
import { usePermalink } from './use-permalink.ts';

/** The whole page of a run. */
export function App(props: {
  base: string;
  /** The folder of the run with which this one is compared, or null. */
  against: string | null;
  /** Whether there is an evaluation of the run, with a page of its own. */
  hasEvaluation?: boolean;
  /** Whether the server writes reports of the run. */
  hasReport?: boolean;
  /** Ids of the models that the server offers to the live page. */
  models?: readonly string[];
  /** Where the page finds the run's pictures in a size for the grid. */
  pictures: PictureSource;
}) {
  const { base, against, pictures, hasEvaluation = false, models = [] } = props;
  const [state, dispatch] = useReducer(reduceState, null, () =>
    initialState(readPermalink(location.hash)),
  );
  const { run, other, view } = state;
  const change = useCallback<ChangeView>(
    (part) => dispatch({ type: 'view-changed', change: part }),
    [],
  );
  useRun(base, 'run-read', dispatch);
  useRun(against, 'other-run-read', dispatch);
  usePermalink(writePermalink(view), view.image, (fragment) =>
    dispatch({ type: 'link-followed', view: readPermalink(fragment) }),
  );
  useTitle(run);

  const own = run.kind === 'open' ? run.entries : noEntries;
  const others = other?.kind === 'open' ? other.entries : null;
  const entries = useMemo(() => (others === null ? own : pairEntries(own, others)), [own, others]);
  const { query, selection, predicted, truth, certainty, order } = view;
  const confusion = useMemo(() => countConfusion(entries), [entries]);
  const shown = useMemo(
    () => selectEntries(entries, { query, selection, predicted, truth, certainty, order }),
    [entries, query, selection, predicted, truth, certainty, order],
  );

  const opened = view.image === null ? null : findEntry(entries, view.image);
  const current = opened?.key ?? view.image;

  if (run.kind !== 'open') return <RunNotice run={run} />;
  const otherRun =
    against === null || other?.kind !== 'open'
      ? null
      : describeOtherRun(against, other.run, run.run);
  return (
    <>
      <RunHeader
        run={run.run}
        entries={entries}
        leftOut={run.leftOut}
        staleBecause={run.staleBecause}
        other={other}
        otherRun={otherRun}
        confusion={confusion}
        view={view}
        change={change}
        // A report is a single file without a live page beside it.
        hasLivePage={base !== ''}
        hasEvaluation={hasEvaluation}
      />
      <main>
        <Toolbar
          entries={entries}
          confusion={confusion}
          shown={shown.length}
          view={view}
          change={change}
          hasReport={props.hasReport === true}
        />
        <GridLegend entries={entries} settings={run.run.settings} />
        <ImageGrid
          pictures={pictures}
          entries={shown}
          isEmptyRun={entries.length === 0}
          status={run.run.status}
          marks={view.marks}
          size={view.size}
          current={current}
          dispatch={dispatch}
        />
      </main>
      {current !== null && (
        <EnlargedImage
          base={base}
          entry={opened}
          current={current}
          shown={shown}
          settings={run.run.settings}
          liveModel={models.find((id) => id === run.run.model.id) ?? null}
          other={otherRun}
          view={view}
          dispatch={dispatch}
          change={change}
        />
      )}
    </>
  );
}

const noEntries = [] as const;

function useRun(
  base: string | null,
  type: 'run-read' | 'other-run-read',
  dispatch: (action: Action) => void,
): void {
  useEffect(() => {
    if (base === null) return;
    const stop = new AbortController();
    void watchRun({ base, signal: stop.signal }, (loaded) => dispatch({ type, loaded }));
    return () => stop.abort();
  }, [base]);
}

function useTitle(run: RunState): void {
  const title = run.kind === 'open' ? `${run.run.model.id} – gradcam` : 'gradcam';
  useEffect(() => {
    document.title = title;
  }, [title]);
}
