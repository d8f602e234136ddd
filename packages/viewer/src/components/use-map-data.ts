import { useEffect, useState } from 'preact/hooks';
import { isRedrawable, loadMapData, type MapData, type MapSource } from '../map/map-data.ts';

/** The state of reading a map's data. */
export type MapDataState =
  | { readonly kind: 'loading' }
  /** The run contains only pictures, from which a map cannot be drawn again. */
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'ready'; readonly data: MapData };

/** Whether only the run's picture shows a map as its preset does: the raw map at pixels is not the peer's. */
function isPeers({ gradient }: MapData, { like }: MapSource['settings']): boolean {
  return gradient !== null && like !== undefined;
}

/** Reads the data from which a map can be drawn. It reads again when the map changes. */
export function useMapData(source: MapSource): MapDataState {
  const { base, line, explanation, settings, maxSide } = source;
  const isAble = isRedrawable(explanation);
  const [state, setState] = useState<{ of: unknown; value: MapDataState } | null>(null);
  useEffect(() => {
    if (!isAble) return;
    let isWanted = true;
    const show = (value: MapDataState): void => {
      if (isWanted) setState({ of: explanation, value });
    };
    loadMapData({ base, line, explanation, settings, maxSide }).then(
      (data) => show(isPeers(data, settings) ? { kind: 'none' } : { kind: 'ready', data }),
      (error: unknown) => show({ kind: 'failed', message: String(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [base, explanation, settings, maxSide]);
  if (!isAble) return { kind: 'none' };
  return state?.of === explanation ? state.value : { kind: 'loading' };
}
