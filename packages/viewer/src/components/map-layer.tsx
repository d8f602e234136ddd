import type { ResultExplanation, ResultLine } from '@gradcam/core';
import type { MapData } from '../map/map-data.ts';
import type { Colours } from '../map/paint.ts';
import { fileAddress } from '../run/file-address.ts';
import type { PictureKind } from '../state/view.ts';
import { MapCanvas } from './map-canvas.tsx';
import { choosePicture } from './choose-picture.ts';
import type { MapDataState } from './use-map-data.ts';

/**
 * Whether the picture can be drawn from the map's data: without the image below it, only the map alone
 * can, and a map at pixels in its own colours, which stands in the place of the image.
 */
function canDraw(
  { original, gradient }: MapData,
  picture: PictureKind,
  { gradients }: Colours,
): boolean {
  if (original !== null || picture === 'heatmap' || picture === 'cells') return true;
  return picture === 'overlay' && gradient !== null && gradients === 'colour';
}

/**
 * A map's picture. It is drawn from the raw values where the run has them, and otherwise it is the run's
 * file.
 */
export function MapLayer(props: {
  base: string;
  line: ResultLine;
  explanation: ResultExplanation;
  picture: PictureKind;
  state: MapDataState;
  colours: Colours;
  /** Share of the width that is left empty on the left, 0..1. */
  clip?: number | undefined;
  label: string;
}) {
  const { base, line, explanation, picture, state, colours, clip, label } = props;
  return (
    <div
      class="map-layer"
      style={clip === undefined ? undefined : { clipPath: `inset(0 0 0 ${clip * 100}%)` }}
    >
      {renderPicture()}
    </div>
  );

  function renderPicture() {
    if (state.kind === 'ready' && canDraw(state.data, picture, colours)) {
      return <MapCanvas data={state.data} picture={picture} colours={colours} label={label} />;
    }
    const chosen = choosePicture(explanation.files, picture);
    // Until the map can be drawn, the run's file is shown in its place if it is a picture of the same kind.
    if (state.kind === 'loading' && chosen?.kind !== picture) return null;
    if (chosen === null) return <p class="picture-none">no picture was saved</p>;
    if (picture === 'original' && chosen.kind !== 'original') {
      return (
        <p class="picture-none">
          the original image cannot be recovered from the overlays of this run
        </p>
      );
    }
    const source = fileAddress(base, chosen.path);
    return <img src={source} alt={label} width={line.width} height={line.height} />;
  }
}
