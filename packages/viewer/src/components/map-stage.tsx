import type { ResultExplanation } from '@gradcam/core';
import { useState } from 'preact/hooks';
import type { Colours } from '../map/paint.ts';
import { stepToCell, type Place } from '../map/probe.ts';
import type { Against, Origin, Shown } from '../state/pictures.ts';
import type { ChangeView } from '../state/state.ts';
import type { View } from '../state/view.ts';
import { describeExplanation } from '../text/describe.ts';
import { MapDifference } from './map-difference.tsx';
import { MapLayer } from './map-layer.tsx';
import { MapMarks } from './map-marks.tsx';
import { MapReading } from './map-reading.tsx';
import { pictureNames } from './picture-controls.tsx';
import { PlaceCursor } from './place-cursor.tsx';
import { Stage } from './stage.tsx';
import { useMapData, type MapDataState } from './use-map-data.ts';

/**
 * Longest side at which a map is drawn, in pixels. More is not visible on a screen, and this size keeps the
 * sliders smooth.
 */
const MAX_SIDE = 1200;

/** The large map, alone, beside a second map or under a swipe, with the values at the pointed place. */
export function MapStage(props: {
  /** The name of the image. */
  name: string;
  own: Origin;
  shown: Shown;
  against: Against | null;
  colours: Colours;
  view: View;
  change: ChangeView;
}) {
  const { name, own, shown, against, colours, view, change } = props;
  const { line } = own;
  const [place, setPlace] = useState<Place | null>(null);
  const first: Against = { ...shown, origin: own };
  const second = against ?? first;
  const state = useMapData({ ...own, maxSide: MAX_SIDE, explanation: shown.explanation });
  const others = useMapData({
    ...second.origin,
    maxSide: MAX_SIDE,
    explanation: second.explanation,
  });

  const draw = ({ explanation, picture, origin }: Against, state: MapDataState, clip?: number) => (
    <MapLayer
      base={origin.base}
      line={origin.line}
      explanation={explanation}
      picture={picture}
      state={state}
      colours={colours}
      clip={clip}
      label={`${pictureNames[picture]} of ${name}: ${describeOf(explanation, origin)}`}
    />
  );
  const swipes = view.comparison === 'swipe' && against !== null;
  const marks = (explanation: ResultExplanation, side?: 'left' | 'right') =>
    view.marks && (
      <MapMarks line={line} explanation={explanation} clip={clipOf(side, view.swipe)} />
    );
  const cursor = place !== null && <PlaceCursor line={line} place={place} />;
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
      if (state.kind === 'ready') setPlace(stepToCell(state.data, place, rows, columns));
    },
  };
  return (
    <figure class={`enlarged-figure enlarged-figure-${view.comparison}`}>
      <Stage {...stage} caption={view.comparison === 'side' ? captionOf(first) : undefined}>
        {view.comparison === 'difference' && against !== null ? (
          <MapDifference
            first={state}
            second={others}
            opacity={colours.opacity}
            label={`Difference of ${name}: ${captionOf(first)}, and ${captionOf(against)}`}
          />
        ) : (
          draw(first, state)
        )}
        {swipes && draw(against, others, view.swipe)}
        {swipes && <div class="swipe-line" style={{ left: `${view.swipe * 100}%` }} />}
        {marks(shown.explanation, swipes ? 'left' : undefined)}
        {swipes && marks(against.explanation, 'right')}
        {cursor}
      </Stage>
      {view.comparison === 'side' && against !== null && (
        <Stage {...stage} caption={captionOf(against)}>
          {draw(against, others)}
          {marks(against.explanation)}
          {cursor}
        </Stage>
      )}
      {swipes && (
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
            <span>{captionOf(first)}</span>
            <span>{captionOf(against)}</span>
          </p>
        </div>
      )}
      {view.comparison === 'difference' && against !== null && (
        <p class="difference-names">
          <span>
            <i class="difference-more" aria-hidden="true" /> red: more in{' '}
            {describeOf(first.explanation, first.origin)}
          </span>
          <span>
            <i class="difference-less" aria-hidden="true" /> blue: more in{' '}
            {describeOf(against.explanation, against.origin)}
          </span>
        </p>
      )}
      <figcaption>
        <MapReading
          line={line}
          place={place}
          maps={[
            { explanation: shown.explanation, state },
            ...(against !== null && against.explanation !== shown.explanation
              ? [
                  {
                    explanation: against.explanation,
                    state: others,
                    runName: against.origin.runName,
                  },
                ]
              : []),
          ]}
        />
      </figcaption>
    </figure>
  );
}

function captionOf({ explanation, picture, origin }: Against): string {
  return `${pictureNames[picture]}: ${describeOf(explanation, origin)}`;
}

function describeOf(explanation: ResultExplanation, { line, runName }: Origin): string {
  const run = runName === null ? '' : ` in ${runName}`;
  return `${describeExplanation(line, explanation)}${run}`;
}

/** The `clip-path` that leaves the part of the picture on one side of the swipe's line. */
function clipOf(side: 'left' | 'right' | undefined, swipe: number): string | undefined {
  if (side === undefined) return undefined;
  return side === 'left' ? `inset(0 ${(1 - swipe) * 100}% 0 0)` : `inset(0 0 0 ${swipe * 100}%)`;
}
