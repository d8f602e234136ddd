import type { Evaluation, EvaluationCell, EvaluationRow } from './evaluation.ts';
import { formatNumber, inSentence, metricTitle, rowTitle } from './names.ts';
import { nextSorting, sortRows, type Sorting } from './sort-rows.ts';

const goodEnds = { higher: 'high is good', lower: 'low is good', neither: '' } as const;

/** The table of all rows and metrics. A click on a column's head sorts by it. */
export function MetricTable(props: {
  evaluation: Evaluation;
  sorting: Sorting;
  onSort: (sorting: Sorting) => void;
}) {
  const { evaluation, sorting, onSort } = props;
  const { metrics } = evaluation;
  const columns = [
    { name: 'row', title: 'Method', better: 'neither' as const, note: '' },
    ...metrics.map(({ name, better }) => ({
      ...{ name, better },
      ...{ title: metricTitle(name), note: goodEnds[better] },
    })),
    { name: 'ms', title: 'Time', better: 'lower' as const, note: 'ms for the maps of an image' },
  ];
  return (
    <div class="evaluation-scroll" tabIndex={0} role="region" aria-label="Table of metrics">
      <table class="evaluation-table">
        <caption class="visually-hidden">
          Means over images with 95 % intervals. The buttons in the first row sort.
        </caption>
        <thead>
          <tr>
            {columns.map(({ name, title, better, note }) => (
              <th
                key={name}
                scope="col"
                aria-sort={sorting.column === name ? sorting.direction : 'none'}
              >
                <button type="button" onClick={() => onSort(nextSorting(sorting, name, better))}>
                  {title}
                  <span class="sort-mark" aria-hidden="true">
                    {sorting.column !== name ? '' : sorting.direction === 'ascending' ? '▲' : '▼'}
                  </span>
                </button>
                {note !== '' && <span class="column-note">{note}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sortRows(evaluation, sorting, rowTitle).map((row) => (
            <tr key={row.row} class={row.isBaseline ? 'baseline' : undefined}>
              <th scope="row">
                {rowTitle(row.row)}
                {row.isBaseline && <span class="badge">baseline</span>}
              </th>
              {metrics.map(({ name, better }) => (
                <Cell
                  key={name}
                  cell={row.cells.get(name)}
                  isBest={isBest(evaluation, row, name, better)}
                />
              ))}
              <td>{row.ms === null ? '–' : formatNumber(row.ms.mean)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ cell, isBest }: { cell: EvaluationCell | undefined; isBest: boolean }) {
  if (cell === undefined) return <td>–</td>;
  const { mean, low, high, doesNotBeat } = cell;
  return (
    <td>
      {isBest ? <strong>{formatNumber(mean)}</strong> : formatNumber(mean)}
      <span class="interval">
        {formatNumber(low)} to {formatNumber(high)}
      </span>
      {doesNotBeat !== null && doesNotBeat.length > 0 && (
        <span class="not-better">does not beat {doesNotBeat.map(inSentence).join(', ')}</span>
      )}
    </td>
  );
}

/** Whether a method has the best mean of its column; baselines take part, since they may be better. */
function isBest(
  { rows }: Evaluation,
  { cells }: EvaluationRow,
  metric: string,
  better: 'higher' | 'lower' | 'neither',
): boolean {
  const own = cells.get(metric)?.mean;
  if (own === undefined || better === 'neither') return false;
  const means = rows.flatMap((row) => row.cells.get(metric)?.mean ?? []);
  return own === (better === 'higher' ? Math.max(...means) : Math.min(...means));
}
