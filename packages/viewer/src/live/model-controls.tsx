import type { EngineChoice, OpenedModel } from '../worker/protocol.ts';
import { engineChoices } from '../worker/protocol.ts';
import { CommitField } from './commit-field.tsx';
import {
  droppedId,
  wantedDrop,
  wantedModel,
  type ChangeLiveView,
  type DroppedModel,
  type LiveState,
} from './live-state.ts';
import type { LiveAction } from './reduce-live-state.ts';
import { channelOrders, inputRanges } from './live-view.ts';
import { ModelChooser } from './model-chooser.tsx';

const engineNames: Readonly<Record<EngineChoice, string>> = {
  auto: 'Automatic',
  onnx: 'ONNX Runtime (wasm)',
  wasm: 'TensorFlow.js (wasm)',
  webgl: 'TensorFlow.js (WebGL)',
  webgpu: 'TensorFlow.js (WebGPU)',
};

/** The engines that this browser supports: WebGPU is missing in some. */
const offeredEngines = engineChoices.filter((name) => name !== 'webgpu' || 'gpu' in navigator);

/** Chooses the model and the engine, and shows facts about both. */
export function ModelControls(props: {
  state: LiveState;
  change: ChangeLiveView;
  dispatch: (action: LiveAction) => void;
}) {
  const { state, change, dispatch } = props;
  const { view, served, model, dropped } = state;
  const wanted = wantedModel(state);
  const own = dropped === null ? [] : [droppedId(dropped)];
  const listed = [...own, ...(served.kind === 'ready' ? served.models : [])];
  const offered = wanted === null || listed.includes(wanted) ? listed : [wanted, ...listed];
  const opened = model.kind === 'ready' ? model.model : null;
  const isUndescribed = opened?.isDescribed === false;
  const isStated = view.inputRange !== null || view.channelOrder !== null;
  return (
    <section class="controls" aria-label="Model">
      <label class="field">
        Model
        <select
          value={wanted ?? ''}
          disabled={offered.length === 0}
          onChange={(event) => change({ model: event.currentTarget.value })}
        >
          {offered.length === 0 && <option value="">none</option>}
          {offered.map((id) => (
            <option key={id} value={id}>
              {id.replace(/^file:/, 'your file: ')}
            </option>
          ))}
        </select>
      </label>
      <ModelChooser dispatch={dispatch} />
      <label class="field">
        Engine
        <select
          value={view.engine}
          onChange={(event) => {
            const { value } = event.currentTarget;
            change({ engine: engineChoices.find((name) => name === value) ?? 'auto' });
          }}
        >
          {offeredEngines.map((name) => (
            <option key={name} value={name}>
              {engineNames[name]}
            </option>
          ))}
        </select>
      </label>
      <OutputChoice view={view} model={opened} change={change} />
      {(opened?.isSizeOpen === true || view.inputSize !== null) && (
        <CommitField
          label="Input size"
          value={view.inputSize ?? ''}
          list={[]}
          hint={opened === null ? '224x224' : `${opened.input.height}x${opened.input.width}`}
          onCommit={(text) => change({ inputSize: text === '' ? null : text })}
        />
      )}
      {(isUndescribed || isStated) && (
        <>
          <label class="field">
            Input range
            <select
              value={view.inputRange ?? ''}
              onChange={(event) => {
                const { value } = event.currentTarget;
                change({ inputRange: inputRanges.find((name) => name === value) ?? null });
              }}
            >
              <option value="">{describeFact(opened?.pixels, view.inputRange)}</option>
              {inputRanges.map((name) => (
                <option key={name} value={name}>
                  {name.replace('..', ' to ')}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Channels
            <select
              value={view.channelOrder ?? ''}
              onChange={(event) => {
                const { value } = event.currentTarget;
                change({ channelOrder: channelOrders.find((name) => name === value) ?? null });
              }}
            >
              <option value="">{describeFact(opened?.channels, view.channelOrder)}</option>
              {channelOrders.map((name) => (
                <option key={name} value={name}>
                  {name.toUpperCase()}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      {opened !== null && <ModelFacts model={opened} dropped={wantedDrop(state)} />}
    </section>
  );
}

/** What holds where the reader chooses nothing here. */
function describeFact(fact: OpenedModel['pixels'] | undefined, chosen: string | null): string {
  if (fact === undefined || chosen !== null) return 'as the model states';
  return `${fact.isAssumed ? 'assumed' : 'stated'}: ${fact.inWords.replace('..', ' to ')}`;
}

/** Chooses the explained output among several. */
function OutputChoice(props: {
  view: LiveState['view'];
  model: OpenedModel | null;
  change: ChangeLiveView;
}) {
  const { view, model, change } = props;
  const outputs = model?.outputs ?? [];
  if (outputs.length < 2 && view.output === null) return null;
  const explained = outputs.find(({ isExplained }) => isExplained)?.name ?? view.output ?? '';
  return (
    <label class="field">
      Output
      <select
        value={explained}
        // Another output has other classes and layers, so both choices are reset.
        onChange={(event) =>
          change({ output: event.currentTarget.value, target: 'top1', layer: 'auto' })
        }
      >
        {outputs.length === 0 && <option value={explained}>{explained}</option>}
        {outputs.map(({ name, inWords }) => (
          <option key={name} value={name}>
            {name} – {inWords}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Shows which engine computes, and what was assumed about the model. */
function ModelFacts(props: { model: OpenedModel; dropped: DroppedModel | null }) {
  const { id, engine, reason, isDescribed, readFrom, assumptions, proof } = props.model;
  const { dropped } = props;
  return (
    <>
      <p class="status" role="status">
        <span class="engine-name">{engine}</span> {reason}
      </p>
      {readFrom.map((line) => (
        <p class="status read-from" key={line}>
          {line}
        </p>
      ))}
      {assumptions.length > 0 && (
        // If the model describes itself, there are no assumptions to check, so the list is closed.
        <details class="assumptions" open={!isDescribed}>
          <summary>
            {assumptions.length === 1 ? '1 assumption' : `${assumptions.length} assumptions`} about
            this model
          </summary>
          <ul>
            {assumptions.map((assumption) => (
              <li key={assumption}>{assumption}</li>
            ))}
          </ul>
          {assumptions.some((assumption) => assumption.includes('--')) && (
            <p class="status">
              Whatever has no field here can be stated with the flags of{' '}
              <code>gradcam describe {dropped?.name ?? id} .. --write</code>
              {dropped === null
                ? ', which this page reads from then on.'
                : ', which writes gradcam.json: drop that file together with the model.'}
            </p>
          )}
        </details>
      )}
      {proof !== null && (
        <details class="assumptions">
          <summary>Is the translation right?</summary>
          <p class="status">{proof}</p>
        </details>
      )}
    </>
  );
}
