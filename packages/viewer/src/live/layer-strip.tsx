import { Fragment } from 'preact';
import { useMemo } from 'preact/hooks';
import { MapCanvas } from '../components/map-canvas.tsx';
import type { Colours, Pixels } from '../map/paint.ts';
import { methodTitle } from '../text/format.ts';
import type { LayerMap, LayerStrip as Strip } from '../worker/protocol.ts';
import { makeDrawable, shrinkPixels } from './drawable-map.ts';

/** Longest side of a map in the strip, in physical pixels of a fine screen. */
const MAX_SIDE = 200;

/** The maps of one class at all grid sizes of the net, from fine to coarse. A click chooses the layer. */
export function LayerStrip(props: {
  strip: Strip;
  preview: Pixels;
  colours: Colours;
  /** The layer of the large map. */
  chosen: string | null;
  onChoose: (layer: string) => void;
}) {
  const { strip, preview, colours, chosen, onChoose } = props;
  const small = useMemo(() => shrinkPixels(preview, MAX_SIDE), [preview]);
  return (
    <section class="strip" aria-label="All layers">
      <h2>
        Layer by layer <span>{methodTitle(strip.method)}, from the input to the scores</span>
      </h2>
      <ol>
        {strip.maps.map((map) => (
          <li key={map.layer}>
            <StripMap
              map={map}
              strip={strip}
              small={small}
              colours={colours}
              isChosen={map.layer === chosen}
              onChoose={onChoose}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}

function StripMap(props: {
  map: LayerMap;
  strip: Strip;
  small: Pixels;
  colours: Colours;
  isChosen: boolean;
  onChoose: (layer: string) => void;
}) {
  const { map, strip, small, colours, isChosen, onChoose } = props;
  const data = useMemo(() => makeDrawable(map, strip.geometry, small), [map, strip, small]);
  const [rows, columns] = map.raw.shape;
  return (
    <button
      type="button"
      class="strip-map"
      aria-pressed={isChosen}
      onClick={() => onChoose(map.layer)}
    >
      <MapCanvas data={data} picture="overlay" colours={colours} label="" />
      <span class="strip-name">
        <span class="visually-hidden">Explain at </span>
        {breakable(map.layer)}
      </span>
      <span class="strip-grid">
        {rows} × {columns}
        {map.isBlank && ', blank'}
      </span>
    </button>
  );
}

/**
 * A name that may break into lines after slashes and similar characters, because its end distinguishes it
 * from its neighbours.
 */
function breakable(name: string) {
  return name.split(/(?<=[/_.-])/).map((part, i) => (
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
