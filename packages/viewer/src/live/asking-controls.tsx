import { useEffect, useState } from 'preact/hooks';
import type { MethodFacts, OpenedModel } from '../worker/protocol.ts';
import type { ChangeLiveView } from './live-state.ts';
import type { LiveView } from './live-view.ts';

/** Labels that the target's list offers: browsers scroll through longer ones badly. */
const MAX_LABELS = 1000;

/** What is explained: the class, the method, the layer. */
export function AskingControls(props: {
  view: LiveView;
  methods: readonly MethodFacts[];
  model: OpenedModel | null;
  change: ChangeLiveView;
}) {
  const { view, methods, model, change } = props;
  const method = methods.find(({ name }) => name === view.method);
  return (
    <section class="controls" aria-label="Explanation">
      <CommitField
        label="Target"
        value={view.target}
        list={model?.labels.slice(0, MAX_LABELS) ?? []}
        hint="a class"
        onCommit={(text) => change({ target: text === '' ? 'top1' : text })}
      />
      <p class="field-hint">
        A class by name or index, <code>top2</code>, <code>not:dog</code>, or <code>cat:dog</code>:
        why a cat rather than a dog.
      </p>
      <label class="field">
        Method
        <select
          value={view.method}
          onChange={(event) => change({ method: event.currentTarget.value, runs: null })}
        >
          {method === undefined && <option value={view.method}>{view.method}</option>}
          {methods.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {method !== undefined && (
        <p class="field-hint">
          {method.summary} <span>Cost: {method.cost}.</span>
        </p>
      )}
      {method?.isLong === true && (
        <CommitField
          label="Runs"
          value={view.runs === null ? '' : String(view.runs)}
          list={[]}
          hint="as the method has it"
          onCommit={(text) => {
            const runs = Number(text);
            change({ runs: Number.isSafeInteger(runs) && runs > 0 ? runs : null });
          }}
        />
      )}
      {method?.usesLayer !== false && <LayerChoice view={view} model={model} change={change} />}
    </section>
  );
}

function LayerChoice(props: { view: LiveView; model: OpenedModel | null; change: ChangeLiveView }) {
  const { view, model, change } = props;
  const layers = model?.layers ?? [];
  const groups = [
    { title: 'Endpoints', layers: layers.filter(({ isEndpoint }) => isEndpoint) },
    { title: 'All layers', layers: layers.filter(({ isEndpoint }) => !isEndpoint) },
  ];
  const isKnown = view.layer === 'auto' || layers.some(({ name }) => name === view.layer);
  return (
    <label class="field">
      Layer
      <select value={view.layer} onChange={(event) => change({ layer: event.currentTarget.value })}>
        <option value="auto">auto{model !== null && ` (${model.defaultLayer})`}</option>
        {!isKnown && <option value={view.layer}>{view.layer}</option>}
        {groups.map(
          ({ title, layers: own }) =>
            own.length > 0 && (
              <optgroup key={title} label={title}>
                {own.map(({ name, shape: [rows, columns, channels] }) => (
                  <option key={name} value={name}>
                    {name} – {rows} × {columns} × {channels}
                  </option>
                ))}
              </optgroup>
            ),
        )}
      </select>
    </label>
  );
}

/** A text that counts when it is done: with Enter, or when the field is left. */
function CommitField(props: {
  label: string;
  value: string;
  list: readonly string[];
  hint: string;
  onCommit: (text: string) => void;
}) {
  const { label, value, list, hint, onCommit } = props;
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = (): void => {
    if (text.trim() !== value) onCommit(text.trim());
  };
  const listId = `list-${label}`;
  return (
    <label class="field">
      {label}
      <input
        type="text"
        value={text}
        placeholder={hint}
        title={hint}
        list={list.length > 0 ? listId : undefined}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      {list.length > 0 && (
        <datalist id={listId}>
          {list.map((entry) => (
            <option key={entry} value={entry} />
          ))}
        </datalist>
      )}
    </label>
  );
}
