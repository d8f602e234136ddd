import { Choice } from '../components/choice.tsx';
import { ColourControls } from '../components/colour-controls.tsx';
import { BlankNote, ExplanationFacts } from '../components/explanation-facts.tsx';
import { pictureNames } from '../components/picture-controls.tsx';
import { PredictionBars } from '../components/prediction-bars.tsx';
import type { Colours } from '../map/paint.ts';
import { pictureKinds } from '../state/view.ts';
import { className } from '../text/format.ts';
import type { LiveExplanation } from '../worker/protocol.ts';
import { AskingControls } from './asking-controls.tsx';
import { savePicture, saveRawMap } from './downloads.ts';
import type { ChangeLiveView, LiveState } from './live-state.ts';
import type { LiveAction } from './reduce-live-state.ts';
import { liveColours } from './live-view.ts';
import { EditEffect } from './edit-effect.tsx';
import { ModelControls } from './model-controls.tsx';
import { DemoNote } from './demo-note.tsx';
import { ModelStatus } from './model-status.tsx';
import { WorkStatus } from './work-status.tsx';

const origin = { mark: '', back: 'Back to the first colours' };

/** Everything next to the large map. */
export function LiveSide(props: {
  state: LiveState;
  colours: Colours;
  change: ChangeLiveView;
  dispatch: (action: LiveAction) => void;
  onCancel: () => void;
  onAskAgain: () => void;
}) {
  const { state, colours, change, dispatch, onCancel, onAskAgain } = props;
  const { view, methods, model, editing, explanation } = state;
  const { shown, unedited, work } = explanation;
  return (
    <div class="live-side">
      <ModelStatus state={state} />
      <DemoNote state={state} change={change} />
      <WorkStatus work={work} onCancel={onCancel} onAskAgain={onAskAgain} />
      {shown !== null && unedited !== null && editing.edits.length > 0 && (
        <EditEffect edited={shown} given={unedited} />
      )}
      {shown !== null && <ShownPredictions shown={shown} change={change} />}
      <AskingControls
        view={view}
        methods={methods}
        model={model.kind === 'ready' ? model.model : null}
        change={change}
      />
      <ModelControls state={state} change={change} dispatch={dispatch} />
      {shown !== null && <PictureSection shown={shown} {...{ view, colours, change }} />}
    </div>
  );
}

function ShownPredictions(props: { shown: LiveExplanation; change: ChangeLiveView }) {
  const { shown, change } = props;
  const { line } = shown;
  const [explanation] = line.explanations;
  return (
    <>
      {line.notes?.map((note) => (
        <p class="message message-warning" key={note}>
          {note}
        </p>
      ))}
      {explanation !== undefined && <BlankNote explanation={explanation} />}
      <PredictionBars
        predictions={line.predictions}
        explained={explanation?.target}
        actOf={(prediction) => ({
          label: `Explain ${className(prediction)}`,
          run: () => change({ target: String(prediction.index) }),
        })}
      />
    </>
  );
}

function PictureSection(props: {
  shown: LiveExplanation;
  view: LiveState['view'];
  colours: Colours;
  change: ChangeLiveView;
}) {
  const { shown, view, colours, change } = props;
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
            if (canvas !== null) void savePicture(shown, canvas, colours);
          }}
        >
          Save picture
        </button>
        <button type="button" class="button" onClick={() => saveRawMap(shown)}>
          Save raw map
        </button>
      </div>
      {explanation !== undefined && (
        <details class="live-facts">
          <summary>Facts of this map</summary>
          <ExplanationFacts line={shown.line} explanation={explanation} />
        </details>
      )}
    </>
  );
}
