import type { ResultLine, RunSettings } from '@gradcam/core';
import { showsDifference } from '../map/colours.ts';
import { offeredPictures, OTHER_RUN, type Against, type Shown } from '../state/pictures.ts';
import { explanationKey } from '../state/select.ts';
import type { ChangeView } from '../state/state.ts';
import { comparisons, type Comparison, type PictureKind, type View } from '../state/view.ts';
import { describeExplanation } from '../text/describe.ts';
import { Choice } from './choice.tsx';

/** The names of the pictures on the page. */
export const pictureNames: Readonly<Record<PictureKind, string>> = {
  overlay: 'Overlay',
  heatmap: 'Heatmap',
  cells: 'Cells',
  original: 'Original',
};

const comparisonNames: Readonly<Record<Comparison, string>> = {
  none: 'Single',
  side: 'Side by side',
  swipe: 'Swipe',
  difference: 'Difference',
};

/** Controls that choose the large picture, and whether it is compared with another picture. */
export function PictureControls(props: {
  line: ResultLine;
  settings: RunSettings;
  shown: Shown;
  /** The picture that it is compared with, or null if it is not compared. */
  against: Against | null;
  /** The name of the other run if that run has this image, else null. */
  otherRun: string | null;
  view: View;
  change: ChangeView;
}) {
  const { line, settings, shown, against, otherRun, view, change } = props;
  const offered = offeredPictures(shown.explanation, settings);
  const isMap = view.sheet === 'map';
  return (
    <section class="controls" aria-label="Pictures">
      {offered.length > 1 && !showsDifference(view) && (
        <Choice
          label="Picture"
          options={offered.map((kind) => ({ value: kind, text: pictureNames[kind] }))}
          chosen={shown.picture}
          onChoose={(picture) => change({ picture })}
        />
      )}
      {isMap && (
        <Choice
          label="Comparison"
          options={comparisons.map((value) => ({ value, text: comparisonNames[value] }))}
          chosen={view.comparison}
          onChoose={(comparison) => change({ comparison })}
        />
      )}
      {isMap && against !== null && (
        <label class="field">
          Second
          <select
            value={againstValue(against, shown)}
            onChange={(event) => change({ against: event.currentTarget.value })}
          >
            {otherRun !== null && <option value={OTHER_RUN}>{capitalised(otherRun)}</option>}
            {offered.map((kind) => (
              <option key={kind} value={kind}>
                {pictureNames[kind]} of this map
              </option>
            ))}
            {line.explanations
              .filter((other) => other !== shown.explanation)
              .map((other) => (
                <option key={explanationKey(other)} value={explanationKey(other)}>
                  {describeExplanation(line, other)}
                </option>
              ))}
          </select>
        </label>
      )}
      {isMap && (
        <label class="switch">
          <input
            type="checkbox"
            checked={view.marks}
            onChange={(event) => change({ marks: event.currentTarget.checked })}
          />
          Box and peak
        </label>
      )}
    </section>
  );
}

/** The value of the option that matches the picture shown, whatever the permalink named. */
function againstValue({ origin, explanation, picture }: Against, shown: Shown): string {
  if (origin.runName !== null) return OTHER_RUN;
  return explanation === shown.explanation ? picture : explanationKey(explanation);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
