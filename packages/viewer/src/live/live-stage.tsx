import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { MapCanvas } from '../components/map-canvas.tsx';
import { MapDifference } from '../components/map-difference.tsx';
import { MapMarks } from '../components/map-marks.tsx';
import { MapReading } from '../components/map-reading.tsx';
import { PixelsCanvas } from '../components/pixels-canvas.tsx';
import { PlaceCursor } from '../components/place-cursor.tsx';
import { Stage } from '../components/stage.tsx';
import type { MapData } from '../map/map-data.ts';
import type { Colours } from '../map/paint.ts';
import { stepToCell, type Place } from '../map/probe.ts';
import { describeExplanation } from '../text/describe.ts';
import { makeDrawable } from './drawable-map.ts';
import type { LiveView } from './live-view.ts';
import { differenceMeaning, type StagePicture } from './looked-at.ts';

/** The large image, with the map over it as soon as there is one. */
export function LiveStage(props: {
  picture: StagePicture;
  /** A picture of the same size whose map is subtracted from the first; null shows the first alone. */
  subtracted: StagePicture | null;
  isBusy: boolean;
  colours: Colours;
  view: LiveView;
  /** What lies over the image, for example the patch that is edited. */
  children?: ComponentChildren;
}) {
  const { picture, subtracted, isBusy, colours, view } = props;
  const { name, decoded, shown } = picture;
  const [place, setPlace] = useState<Place | null>(null);
  const explanation = shown?.line.explanations[0];
  const data = useDrawable(picture);
  const other = useDrawable(subtracted);
  const { width, height } = decoded;
  return (
    <figure class={isBusy ? 'live-figure live-figure-busy' : 'live-figure'}>
      <Stage
        line={decoded}
        label="Map; the arrow keys move the value cursor from cell to cell"
        onPoint={setPlace}
        onStep={(rows, columns) => {
          if (data !== null) setPlace(stepToCell(data, place, rows, columns));
        }}
      >
        {data !== null && other !== null ? (
          <MapDifference
            first={{ kind: 'ready', data }}
            second={{ kind: 'ready', data: other }}
            opacity={colours.opacity}
            label={`Difference of the maps, ${name}: ${differenceMeaning}`}
          />
        ) : (
          <div class="map-layer">
            {shown === null || data === null || explanation === undefined ? (
              <PixelsCanvas pixels={decoded.preview} label={name} />
            ) : (
              <MapCanvas
                data={data}
                picture={view.picture}
                colours={colours}
                label={`${name}: ${describeExplanation(shown.line, explanation)}`}
              />
            )}
          </div>
        )}
        {explanation !== undefined && view.marks && other === null && (
          <MapMarks line={{ width, height }} explanation={explanation} />
        )}
        {place !== null && data !== null && <PlaceCursor line={{ width, height }} place={place} />}
        {props.children}
      </Stage>
      <figcaption>
        {shown !== null && data !== null && explanation !== undefined ? (
          <MapReading
            line={shown.line}
            place={place}
            maps={[{ explanation, state: { kind: 'ready', data } }]}
          />
        ) : (
          <span class="reading">
            {name}, {width} × {height} px
          </span>
        )}
      </figcaption>
    </figure>
  );
}

function useDrawable(picture: StagePicture | null): MapData | null {
  const shown = picture?.shown ?? null;
  const preview = picture?.decoded.preview;
  return useMemo(() => {
    const explanation = shown?.line.explanations[0];
    if (shown === null || explanation === undefined || preview === undefined) return null;
    const { relu, nothing } = explanation;
    return makeDrawable({ raw: shown.raw, relu, nothing }, shown.geometry, preview);
  }, [shown, preview]);
}
