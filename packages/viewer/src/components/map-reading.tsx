import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { readMap, type Place } from '../map/probe.ts';
import { formatPercent, formatScore, targetName } from '../text/format.ts';
import type { MapDataState } from './use-map-data.ts';

/** Shows the values of the maps under the value cursor as text. */
export function MapReading(props: {
  line: ResultLine;
  place: Place | null;
  maps: readonly {
    readonly explanation: ResultExplanation;
    readonly state: MapDataState;
    /** The name of the map's run if it is not the run shown. */
    readonly runName?: string | null;
  }[];
}) {
  const { line, place, maps } = props;
  const failed = maps.map(({ state }) => state).find(({ kind }) => kind === 'failed');
  if (failed?.kind === 'failed') return <p class="message message-bad">{failed.message}</p>;
  return (
    <output class="reading">
      {place === null
        ? 'Point at the map, or move with the arrow keys, to read its values.'
        : read(line, place, maps)}
    </output>
  );
}

function read(
  line: ResultLine,
  place: Place,
  maps: Parameters<typeof MapReading>[0]['maps'],
): string {
  const x = Math.floor(place.across * line.width);
  const y = Math.floor(place.down * line.height);
  const parts = maps.flatMap(({ explanation, state, runName }) => {
    if (state.kind !== 'ready') return [];
    const reading = readMap(state.data, place);
    if (reading === null) return ['outside the part that the model saw'];
    const { cell, raw, channels = [raw], shown } = reading;
    const run = runName == null ? '' : `${runName}, `;
    const of = maps.length > 1 ? `${run}${targetName(explanation, line.predictions)}: ` : '';
    return [
      `${of}row ${cell.row}, column ${cell.column}, raw ${channels.map(formatScore).join(', ')}, shown ${formatPercent(shown)}`,
    ];
  });
  return [`x ${x}, y ${y}`, ...new Set(parts)].join(' · ');
}
