import { nounOfLines } from '@gradcam/core';
import { useMemo, useState } from 'preact/hooks';
import type { Entry } from '../run/entry.ts';
import type { Confusion } from '../state/confusion.ts';
import { countSelections } from '../state/select.ts';
import type { ChangeView } from '../state/state.ts';
import { selections, type Selection, type View } from '../state/view.ts';
import { countOf } from '../text/format.ts';
import { Choice } from './choice.tsx';
import { Facets } from './facets.tsx';
import { ReportDialog } from './report-dialog.tsx';

const selectionNames: Readonly<Record<Selection, string>> = {
  all: 'All',
  failed: 'Failed',
  blank: 'Blank maps',
  wrong: 'Wrong',
  changed: 'Changed',
};

/** The filters of the grid, and the number of images that pass them. */
export function Toolbar(props: {
  entries: readonly Entry[];
  /** Null if no true classes are known. */
  confusion: Confusion | null;
  shown: number;
  view: View;
  change: ChangeView;
  /** Whether the server writes reports. */
  hasReport: boolean;
}) {
  const { entries, confusion, shown, view, change, hasReport } = props;
  const counts = useMemo(() => countSelections(entries), [entries]);
  const offered = selections.filter(
    (name) => name === 'all' || counts[name] > 0 || view.selection === name,
  );
  const noun = useMemo(() => nounOfLines(entries), [entries]);
  const [isFolded, fold] = useState(true);
  const [isReporting, setReporting] = useState(false);
  return (
    <div class={isFolded ? 'toolbar toolbar-folded' : 'toolbar'} role="search">
      <input
        type="search"
        aria-label="Filter images by name, class, method or error"
        placeholder="Filter by name, class, method …"
        value={view.query}
        onInput={(event) => change({ query: event.currentTarget.value })}
      />
      <button
        type="button"
        class="toolbar-fold"
        aria-expanded={!isFolded}
        onClick={() => fold(!isFolded)}
      >
        Filters {isFolded ? '▾' : '▴'}
      </button>
      {offered.length > 1 && (
        <Choice
          label="Images"
          options={offered.map((name) => ({
            value: name,
            text: `${selectionNames[name]} ${counts[name].toLocaleString('en')}`,
          }))}
          chosen={view.selection}
          onChoose={(selection) => change({ selection })}
        />
      )}
      <Facets entries={entries} confusion={confusion} view={view} change={change} />
      <label class="switch">
        <input
          type="checkbox"
          checked={view.marks}
          onChange={(event) => change({ marks: event.currentTarget.checked })}
        />
        Boxes and peaks
      </label>
      <label class="switch card-size">
        <span>Size</span>
        <input
          type="range"
          min={14}
          max={42}
          step={1}
          value={view.size}
          onInput={(event) => change({ size: event.currentTarget.valueAsNumber })}
        />
      </label>
      <p class="toolbar-count" role="status">
        {shown === entries.length
          ? countOf(shown, noun)
          : `${shown.toLocaleString('en')} of ${countOf(entries.length, noun)}`}
      </p>
      {hasReport && shown > 0 && (
        <button type="button" class="button" onClick={() => setReporting(true)}>
          Save as one page …
        </button>
      )}
      {isReporting && (
        <ReportDialog view={view} shown={shown} noun={noun} onClose={() => setReporting(false)} />
      )}
    </div>
  );
}
