import { aboveNothing } from '@gradcam/core';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { createCellMap } from '../map/cell-map.ts';
import type { MapData } from '../map/map-data.ts';
import { paintGradient } from '../map/gradient.ts';
import { paintMap, type Colours, type Pixels } from '../map/paint.ts';
import type { PictureKind } from '../state/view.ts';

/** A map that is drawn from its raw values. */
export function MapCanvas(props: {
  data: MapData;
  picture: PictureKind;
  colours: Colours;
  /** The label for screen readers; empty for a picture that only repeats the text beside it. */
  label: string;
}) {
  const { data, picture, colours, label } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const cells = useMemo(
    () =>
      picture === 'cells' && data.gradient === null
        ? createCellMap(aboveNothing(data.raw, data.nothing), data.relu, data.geometry)
        : null,
    [data, picture === 'cells'],
  );
  const { colormap, opacity, threshold, gamma, gradients } = colours;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    const drawn = draw(data, cells, picture, colours);
    context?.putImageData(new ImageData(drawn.data, drawn.width, drawn.height), 0, 0);
  }, [data, cells, picture, colormap, opacity, threshold, gamma, gradients]);
  const { width, height } = data.smooth;
  // Without a label, the button around the picture already says what it shows.
  const meaning =
    label === ''
      ? ({ 'aria-hidden': true } as const)
      : ({ role: 'img', 'aria-label': label } as const);
  return <canvas ref={canvas} width={width} height={height} {...meaning} />;
}

function draw(
  data: MapData,
  cells: MapData['smooth'] | null,
  picture: PictureKind,
  colours: Colours,
): Pixels {
  const { smooth, original, gradient, geometry } = data;
  if (picture === 'original' && original !== null) return original;
  if (gradient !== null) {
    const below = picture === 'heatmap' ? null : original;
    return paintGradient(gradient, geometry, below, colours.gradients, colours);
  }
  return paintMap(cells ?? smooth, picture === 'heatmap' ? null : original, colours);
}
