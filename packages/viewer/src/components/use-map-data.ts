import { useEffect, useState } from 'preact/hooks';
import { isRedrawable, loadMapData, type MapData, type MapSource } from '../map/map-data.ts';

/** A map's data, once it is read. */
export type MapDataState =
  | { readonly kind: 'loading' }
  /** The run holds pictures only, which cannot be drawn anew. */
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'ready'; readonly data: MapData };

/** Reads what is needed to draw a map anew; anew for another map. */
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
      (data) => show(data === null ? { kind: 'none' } : { kind: 'ready', data }),
      (error: unknown) => show({ kind: 'failed', message: String(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [base, explanation, settings, maxSide]);
  if (!isAble) return { kind: 'none' };
  return state?.of === explanation ? state.value : { kind: 'loading' };
}
