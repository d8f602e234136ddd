import type { ResultExplanation, ResultLine, RunSettings } from '@gradcam/core';
import { useState } from 'preact/hooks';
import type { Colours } from '../map/paint.ts';
import { stepToCell, type Place } from '../map/probe.ts';
import type { Shown } from '../state/pictures.ts';
import type { ChangeView } from '../state/state.ts';
import type { View } from '../state/view.ts';
import { describeExplanation } from '../text/describe.ts';
import { MapLayer } from './map-layer.tsx';
import { MapMarks } from './map-marks.tsx';
import { MapReading } from './map-reading.tsx';
import { pictureNames } from './picture-controls.tsx';
import { PlaceCursor } from './place-cursor.tsx';
import { Stage } from './stage.tsx';
import { useMapData, type MapDataState } from './use-map-data.ts';

/** Longest side at which a map is drawn: no screen shows more of it, and sliders stay smooth. */
const MAX_SIDE = 1200;

/** The large map, alone or with a second one beside it or under a swipe, and what it says where. */
export function MapStage(props: {
  base: string;
  /** The image's. */
  name: string;
  line: ResultLine;
  settings: RunSettings;
  shown: Shown;
  against: Shown | null;
  colours: Colours;
  view: View;
  change: ChangeView;
}) {
  const { base, name, line, settings, shown, against, colours, view, change } = props;
  const [place, setPlace] = useState<Place | null>(null);
  const source = { base, line, settings, maxSide: MAX_SIDE };
  const own = useMapData({ ...source, explanation: shown.explanation });
  const others = useMapData({ ...source, explanation: (against ?? shown).explanation });

  const draw = ({ explanation, picture }: Shown, state: MapDataState, clip?: number) => (
    <MapLayer
      base={base}
      line={line}
      explanation={explanation}
      picture={picture}
      state={state}
      colours={colours}
      clip={clip}
      label={`${pictureNames[picture]} of ${name}: ${describeExplanation(line, explanation)}`}
    />
  );
  const marks = (explanation: ResultExplanation) => (
    <>
      {view.marks && <MapMarks line={line} explanation={explanation} />}
      {place !== null && <PlaceCursor line={line} place={place} />}
    </>
  );
  const stage = {
    line,
    label: 'Map; the arrow keys move the value cursor from cell to cell',
    onPoint: (next: Place | null, isDragged: boolean) => {
      setPlace(next);
      if (view.comparison === 'swipe' && isDragged && next !== null) {
        change({ swipe: Math.round(next.across * 1000) / 1000 });
      }
    },
    onStep: (rows: number, columns: number) => {
      if (own.kind === 'ready') setPlace(stepToCell(own.data, place, rows, columns));
    },
  };
  return (
    <figure class={`enlarged-figure enlarged-figure-${view.comparison}`}>
      <Stage {...stage} caption={view.comparison === 'side' ? captionOf(line, shown) : undefined}>
        {draw(shown, own)}
        {view.comparison === 'swipe' && against !== null && draw(against, others, view.swipe)}
        {marks(shown.explanation)}
      </Stage>
      {view.comparison === 'side' && against !== null && (
        <Stage {...stage} caption={captionOf(line, against)}>
          {draw(against, others)}
          {marks(against.explanation)}
        </Stage>
      )}
      {view.comparison === 'swipe' && against !== null && (
        <div class="swipe">
          <input
            type="range"
            aria-label="Swipe position"
            min={0}
            max={1}
            step={0.01}
            value={view.swipe}
            onInput={(event) => change({ swipe: Number(event.currentTarget.value) })}
          />
          <p class="swipe-names">
            <span>{captionOf(line, shown)}</span>
            <span>{captionOf(line, against)}</span>
          </p>
        </div>
      )}
      <figcaption>
        <MapReading
          line={line}
          place={place}
          maps={[
            { explanation: shown.explanation, state: own },
            ...(against !== null && against.explanation !== shown.explanation
              ? [{ explanation: against.explanation, state: others }]
              : []),
          ]}
        />
      </figcaption>
    </figure>
  );
}

function captionOf(line: ResultLine, { explanation, picture }: Shown): string {
  return `${pictureNames[picture]}: ${describeExplanation(line, explanation)}`;
}
