import { useEffect, useRef } from 'preact/hooks';
import { readPermalink, writePermalink } from '../state/permalink.ts';
import type { Action } from '../state/state.ts';
import type { View } from '../state/view.ts';

/** Browsers refuse addresses that change as fast as a slider. */
const REST_MS = 200;

/**
 * Keeps the address and the view the same: the address follows the view, and the view follows the
 * browser's back and forward.
 *
 * Opening or closing an image is a step in the history; typing in the filter is not.
 */
export function usePermalink(view: View, dispatch: (action: Action) => void): void {
  const shownImage = useRef(view.image);
  useEffect(() => {
    const link = writePermalink(view);
    const isStep = shownImage.current !== view.image;
    shownImage.current = view.image;
    if (link === location.hash) return undefined;
    const address = link === '' ? location.pathname + location.search : link;
    if (isStep) {
      history.pushState(null, '', address);
      return undefined;
    }
    const timer = setTimeout(() => history.replaceState(null, '', address), REST_MS);
    return () => clearTimeout(timer);
  }, [view]);
  useEffect(() => {
    const follow = (): void =>
      dispatch({ type: 'link-followed', view: readPermalink(location.hash) });
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
}
