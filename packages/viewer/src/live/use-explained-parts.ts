import { useEffect, useState } from 'preact/hooks';

/** The parts of the page that need an image, or a model that knows words. */
export type ExplainedParts = typeof import('./explained-parts.ts');

const UNREACHABLE =
  'A part of this page could not be loaded, so nothing can be explained. Is its server still running? Reload the page.';

/**
 * Loads the parts of the page that need an image, or a model that knows words, as soon as there is one. The
 * first view is a tenth smaller without them.
 *
 * @param isNeeded whether there is an image, or one is being decoded, or such a model is open.
 * @returns `parts` is null until they are loaded, and `fault` says why they cannot be.
 */
export function useExplainedParts(isNeeded: boolean): {
  readonly parts: ExplainedParts | null;
  readonly fault: string | null;
} {
  const [parts, setParts] = useState<ExplainedParts | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    if (!isNeeded) return;
    void import('./explained-parts.ts').then(
      (loaded) => setParts(loaded),
      () => setFault(UNREACHABLE),
    );
  }, [isNeeded]);
  return { parts, fault };
}
