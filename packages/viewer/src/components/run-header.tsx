import { nounOfLines, type RunFile } from '@gradcam/core';
import type { OtherRun } from '../run/other-run.ts';
import { isChanged } from '../run/pair.ts';
import type { Confusion } from '../state/confusion.ts';
import type { ChangeView, RunState } from '../state/state.ts';
import type { View } from '../state/view.ts';
import type { Entry } from '../run/entry.ts';
import { countOf, formatMoment, formatPercent, methodTitle } from '../text/format.ts';
import { ConfusionTable } from './confusion-table.tsx';

/** Shows how the maps of a run were made: the model, the settings and the number of images. */
export function RunHeader(props: {
  run: RunFile;
  entries: readonly Entry[];
  leftOut: readonly string[];
  staleBecause: string | null;
  other: RunState | null;
  otherRun: OtherRun | null;
  /** Null if no true classes are known. */
  confusion: Confusion | null;
  view: View;
  change: ChangeView;
  hasLivePage: boolean;
  hasEvaluation: boolean;
}) {
  const { run, entries, leftOut, staleBecause, other, otherRun, hasLivePage, hasEvaluation } =
    props;
  const { confusion, view, change } = props;
  const failed = entries.filter(({ kind }) => kind === 'failed').length;
  return (
    <header class="run-header">
      <div class="run-title">
        <p class="wordmark">gradcam</p>
        <h1>{run.model.id}</h1>
        {run.status === 'running' && staleBecause === null && (
          <p class="badge badge-running">still running</p>
        )}
        <nav class="run-links" aria-label="Pages">
          {hasEvaluation && (
            <a class="live-link" href="./evaluation.html">
              Evaluation
            </a>
          )}
          {hasLivePage && (
            <a class="live-link" href="./live.html">
              Explain an image live
            </a>
          )}
        </nav>
      </div>
      <p class="run-summary">
        <span>{describeCount(entries)}</span>
        {failed > 0 && <span class="bad">{countOf(failed, nounOfLines(entries))} failed</span>}
        {confusion !== null && (
          <span>
            {confusion.right.toLocaleString('en')} of {confusion.known.toLocaleString('en')}{' '}
            predicted rightly ({formatPercent(confusion.right / confusion.known)})
          </span>
        )}
        <span>{run.settings.methods.map(methodTitle).join(', ')}</span>
        <span>{run.engine}</span>
        <time dateTime={run.startedAt}>{formatMoment(run.startedAt)}</time>
      </p>
      {staleBecause !== null && (
        <p class="message message-warning" role="status">
          Shown as last read: {staleBecause}.
        </p>
      )}
      <LeftOut what="the results" lines={leftOut} />
      {other?.kind === 'open' && <LeftOut what="the other run's results" lines={other.leftOut} />}
      {otherRun !== null && <p class="run-summary">{describePairs(entries, otherRun)}</p>}
      {other !== null && other.kind !== 'open' && other.kind !== 'loading' && (
        <p class="message message-warning" role="status">
          The other run cannot be shown: {describeTrouble(other)}.
        </p>
      )}
      {confusion !== null && <ConfusionTable confusion={confusion} view={view} change={change} />}
      <RunDetails run={run} />
    </header>
  );
}

function describeCount(entries: readonly Entry[]): string {
  const count = countOf(entries.length, nounOfLines(entries));
  if (nounOfLines(entries) === 'image') return count;
  return `${count} about ${countOf(new Set(entries.map(({ image }) => image)).size, 'image')}`;
}

/** Says how many lines of the results file are left out because they are not results. */
function LeftOut({ what, lines }: { what: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <p class="message message-warning" role="status">
      {`${countOf(lines.length, 'line')} of ${what} left out: ${lines[0]}${lines.length > 1 ? ', and more' : ''}.`}
    </p>
  );
}

function describePairs(entries: readonly Entry[], { runName }: OtherRun): string {
  const explained = entries.filter((entry) => entry.kind === 'explained');
  const paired = explained.filter(({ other }) => other !== undefined);
  const changed = paired.filter(isChanged).length;
  return `Compared with ${runName}: ${countOf(paired.length, nounOfLines(entries))} in both, the top class differs for ${changed.toLocaleString('en')}`;
}

function describeTrouble(other: Exclude<RunState, { kind: 'open' | 'loading' }>): string {
  if (other.kind === 'broken') return other.message;
  return other.kind === 'missing' ? 'there is no run.json' : 'the server does not answer';
}

function RunDetails({ run }: { run: RunFile }) {
  const { settings, assumptions } = run;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['Model', run.model.path],
    ['Digest', run.model.digest],
    ['Targets', settings.targets.join(', ')],
    ['Layers', settings.layers.join(', ')],
    ['Saved', settings.save.join(', ')],
    ['Colormap', settings.colormap],
    ['Opacity', String(settings.alpha)],
    ['Fit', settings.fit],
    ['Versions', Object.entries(run.versions).flat().join(' ')],
  ];
  const count = assumptions.length;
  return (
    <details class="run-details">
      <summary>Settings{count > 0 && ` and ${countOf(count, 'assumption')}`}</summary>
      {count > 0 && (
        <div class="message message-warning">
          <p>The model does not state the following, so it was assumed:</p>
          <ul>
            {assumptions.map((assumption) => (
              <li key={assumption}>{assumption}</li>
            ))}
          </ul>
        </div>
      )}
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value === '' ? '–' : value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
