import type { RunSettings } from '@gradcam/core';
import { defaultView } from '../state/view.ts';
import { resolveColours } from '../map/colours.ts';
import type { Entry } from '../run/entry.ts';
import { captionOf } from '../text/words.ts';
import { ColourBar } from './colour-bar.tsx';

/** Says what the colours of the overlays in the grid mean. */
export function GridLegend(props: { entries: readonly Entry[]; settings: RunSettings }) {
  const { entries, settings } = props;
  const maps = entries.flatMap((entry) =>
    entry.kind === 'explained' ? entry.line.explanations.slice(0, 1) : [],
  );
  // Maps at pixels have colours of their own, which are not those of the colormap.
  if (!maps.some(({ scale }) => scale === undefined)) return null;
  const isCaption = entries.some(
    (entry) => entry.kind === 'explained' && captionOf(entry.line) !== null,
  );
  return (
    <p class="grid-legend">
      {/* The files of the run are drawn so, whatever the reader chose for an enlarged map. */}
      <ColourBar colours={resolveColours(defaultView, settings)} />
      <span>
        How much each place speaks for {isCaption ? 'the word' : 'the class'} below the picture.
        Every map is coloured by its own maximum: compare places, not pictures.
      </span>
    </p>
  );
}
