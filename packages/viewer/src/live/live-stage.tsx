import { useMemo, useState } from 'preact/hooks';
import { MapCanvas } from '../components/map-canvas.tsx';
import { MapMarks } from '../components/map-marks.tsx';
import { MapReading } from '../components/map-reading.tsx';
import { PlaceCursor } from '../components/place-cursor.tsx';
import { Stage } from '../components/stage.tsx';
import type { Colours } from '../map/paint.ts';
import { stepToCell, type Place } from '../map/probe.ts';
import { describeExplanation } from '../text/describe.ts';
import type { DecodedImage, LiveExplanation } from '../worker/protocol.ts';
import { makeDrawable } from './drawable-map.ts';
import type { LiveView } from './live-view.ts';
import { PixelsCanvas } from '../components/pixels-canvas.tsx';

/** The large image, with the map over it as soon as there is one. */
export function LiveStage(props: {
  name: string;
  decoded: DecodedImage;
  shown: LiveExplanation | null;
  isBusy: boolean;
  colours: Colours;
  view: LiveView;
}) {
  const { name, decoded, shown, isBusy, colours, view } = props;
  const [place, setPlace] = useState<Place | null>(null);
  const explanation = shown?.line.explanations[0];
  const data = useMemo(() => {
    if (shown === null || explanation === undefined) return null;
    const { relu, nothing } = explanation;
    const map = { raw: shown.raw, relu, nothing };
    return makeDrawable(map, shown.geometry, decoded.preview);
  }, [shown, decoded]);
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
        {explanation !== undefined && view.marks && (
          <MapMarks line={{ width, height }} explanation={explanation} />
        )}
        {place !== null && data !== null && <PlaceCursor line={{ width, height }} place={place} />}
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
