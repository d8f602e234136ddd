import { Choice } from '../components/choice.tsx';
import { ColourControls } from '../components/colour-controls.tsx';
import { ExplanationFacts } from '../components/explanation-facts.tsx';
import { pictureNames } from '../components/picture-controls.tsx';
import type { Colours } from '../map/paint.ts';
import { pictureKinds } from '../state/view.ts';
import { savePicture, saveRawMap } from './downloads.ts';
import type { ChangeLiveView, LiveState } from './live-state.ts';
import { liveColours } from './live-view.ts';
import { findLookedAt } from './looked-at.ts';

const origin = { mark: '', back: 'Back to the first colours' };

/** How the map that the reader looks at is shown, saved and described. */
export function PictureSection(props: {
  state: LiveState;
  colours: Colours;
  change: ChangeLiveView;
}) {
  const { state, colours, change } = props;
  const { view, image } = state;
  if (image.kind !== 'ready') return null;
  const { picture, kind } = findLookedAt(state, image);
  const { shown } = picture;
  if (shown === null) return null;
  const [explanation] = shown.line.explanations;
  return (
    <>
      <section class="controls" aria-label="Pictures">
        <Choice
          label="Picture"
          options={pictureKinds.map((kind) => ({ value: kind, text: pictureNames[kind] }))}
          chosen={view.picture}
          onChoose={(picture) => change({ picture })}
        />
        <label class="switch">
          <input
            type="checkbox"
            checked={view.marks}
            onChange={(event) => change({ marks: event.currentTarget.checked })}
          />
          Box and peak
        </label>
      </section>
      <ColourControls
        settings={liveColours}
        origin={origin}
        isGradient={shown.raw.shape.length === 3}
        colours={colours}
        view={view}
        change={change}
      />
      <div class="downloads">
        <button
          type="button"
          class="button"
          onClick={() => {
            const canvas = document.querySelector<HTMLCanvasElement>('.live-figure canvas');
            if (canvas !== null) void savePicture(shown, canvas, { colours, kind });
          }}
        >
          Save picture
        </button>
        {kind !== 'difference' && (
          <button type="button" class="button" onClick={() => saveRawMap(shown, kind)}>
            Save raw map
          </button>
        )}
      </div>
      {explanation !== undefined && kind !== 'difference' && (
        <details class="live-facts">
          <summary>Facts of this map</summary>
          <ExplanationFacts line={shown.line} explanation={explanation} />
        </details>
      )}
    </>
  );
}
