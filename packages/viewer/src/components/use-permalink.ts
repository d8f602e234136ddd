import { useEffect, useRef } from 'preact/hooks';

/**
 * Delay before the address changes, in milliseconds. Browsers refuse addresses that change as fast as a
 * slider.
 */
const REST_MS = 200;

/**
 * Keeps the address and the view in agreement: the address follows the view, and the view follows the
 * browser's back and forward buttons.
 *
 * @param link fragment of the view's permalink; empty for the default view.
 * @param step identifies what the view shows: a change of it adds an entry to the browser's history, and
 * other changes do not.
 * @param follow is called with the fragment to which the browser went.
 */
export function usePermalink(
  link: string,
  step: string | null,
  follow: (fragment: string) => void,
): void {
  const lastStep = useRef(step);
  useEffect(() => {
    const isStep = lastStep.current !== step;
    lastStep.current = step;
    if (link === location.hash) return undefined;
    const address = link === '' ? location.pathname + location.search : link;
    if (isStep) {
      history.pushState(null, '', address);
      return undefined;
    }
    const timer = setTimeout(() => history.replaceState(null, '', address), REST_MS);
    return () => clearTimeout(timer);
  }, [link, step]);
  useEffect(() => {
    const listen = (): void => follow(location.hash);
    addEventListener('popstate', listen);
    return () => removeEventListener('popstate', listen);
  }, []);
}
