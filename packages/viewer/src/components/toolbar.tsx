import { useMemo } from 'preact/hooks';
import type { Entry } from '../run/entry.ts';
import { countSelections } from '../state/select.ts';
import type { ChangeView } from '../state/state.ts';
import { selections, type Selection, type View } from '../state/view.ts';
import { countOf } from '../text/format.ts';
import { Choice } from './choice.tsx';
import { Facets } from './facets.tsx';

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
  shown: number;
  view: View;
  change: ChangeView;
}) {
  const { entries, shown, view, change } = props;
  const counts = useMemo(() => countSelections(entries), [entries]);
  const offered = selections.filter(
    (name) => name === 'all' || counts[name] > 0 || view.selection === name,
  );
  return (
    <div class="toolbar" role="search">
      <input
        type="search"
        aria-label="Filter images by name, class, method or error"
        placeholder="Filter by name, class, method …"
        value={view.query}
        onInput={(event) => change({ query: event.currentTarget.value })}
      />
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
      <Facets entries={entries} view={view} change={change} />
      <label class="switch">
        <input
          type="checkbox"
          checked={view.marks}
          onChange={(event) => change({ marks: event.currentTarget.checked })}
        />
        Boxes and peaks
      </label>
      <p class="toolbar-count" role="status">
        {shown === entries.length
          ? countOf(shown, 'image')
          : `${shown.toLocaleString('en')} of ${countOf(entries.length, 'image')}`}
      </p>
    </div>
  );
}
