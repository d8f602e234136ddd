import { BlankNote } from '../components/explanation-facts.tsx';
import { PredictionBars } from '../components/prediction-bars.tsx';
import type { Colours } from '../map/paint.ts';
import { className } from '../text/format.ts';
import type { LiveExplanation } from '../worker/protocol.ts';
import { AskingControls } from './asking-controls.tsx';
import type { ExplainedParts } from './use-explained-parts.ts';
import { explainedTarget, type ChangeLiveView, type LiveState } from './live-state.ts';
import type { LiveAction } from './reduce-live-state.ts';
import { ModelControls } from './model-controls.tsx';
import { DemoNote } from './demo-note.tsx';
import { ModelStatus } from './model-status.tsx';
import { WorkStatus } from './work-status.tsx';

/** Everything next to the large map. */
export function LiveSide(props: {
  state: LiveState;
  /** Null until they are loaded. */
  parts: ExplainedParts | null;
  colours: Colours;
  change: ChangeLiveView;
  dispatch: (action: LiveAction) => void;
  onCancel: () => void;
  onAskAgain: () => void;
}) {
  const { state, parts, colours, change, dispatch, onCancel, onAskAgain } = props;
  const { view, methods, model, editing, explanation } = state;
  const { shown, unedited, work } = explanation;
  return (
    <div class="live-side">
      <ModelStatus state={state} />
      <DemoNote state={state} change={change} />
      <WorkStatus work={work} onCancel={onCancel} onAskAgain={onAskAgain} />
      {parts !== null && shown !== null && unedited !== null && editing.edits.length > 0 && (
        <parts.EditEffect edited={shown} given={unedited} />
      )}
      {shown !== null && <ShownPredictions shown={shown} change={change} />}
      <AskingControls
        view={{ ...view, target: explainedTarget(state) }}
        methods={methods}
        model={model.kind === 'ready' ? model.model : null}
        change={change}
      />
      <ModelControls state={state} change={change} dispatch={dispatch} />
      {parts !== null && <parts.PictureSection {...{ state, colours, change }} />}
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
