import { useMemo } from 'preact/hooks';
import { paintDifference, subtractMaps } from '../map/difference.ts';
import { PixelsCanvas } from './pixels-canvas.tsx';
import type { MapDataState } from './use-map-data.ts';

/** The difference between two maps, in red and blue over the image in grays. */
export function MapDifference(props: {
  first: MapDataState;
  second: MapDataState;
  opacity: number;
  label: string;
}) {
  const { first, second, opacity, label } = props;
  const [a, b] = [first, second].map((state) => (state.kind === 'ready' ? state.data : null));
  const pixels = useMemo(() => {
    if (a == null || b == null) return null;
    return paintDifference(subtractMaps(a.smooth, b.smooth), a.original ?? b.original, opacity);
  }, [a, b, opacity]);
  if (first.kind === 'none' || second.kind === 'none') {
    return (
      <p class="picture-none">a difference needs the raw maps of both (explain with --save raw)</p>
    );
  }
  return (
    <div class="map-layer">{pixels !== null && <PixelsCanvas pixels={pixels} label={label} />}</div>
  );
}
