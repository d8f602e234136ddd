import type { MethodFacts, OpenedModel } from '../worker/protocol.ts';
import { CommitField } from './commit-field.tsx';
import type { ChangeLiveView } from './live-state.ts';
import type { LiveView } from './live-view.ts';

/** The most labels in the target's list: browsers scroll badly through longer lists. */
const MAX_LABELS = 1000;

/** The number of boxes in the target's list. If a picture has fewer, the page says so. */
const OFFERED_BOXES = 5;

function listBoxes(model: OpenedModel | null): string[] {
  if (model?.answer !== 'boxes') return [];
  return Array.from({ length: OFFERED_BOXES }, (_, i) => `box:${i + 1}`);
}

/** Controls that choose what is explained: the class, the method and the layer. */
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
        list={[...listBoxes(model), ...(model?.labels.slice(0, MAX_LABELS) ?? [])]}
        hint={model?.text === 'caption' ? 'a word' : 'a class'}
        onCommit={(text) => change({ target: text === '' ? 'top1' : text })}
      />
      <TargetHint model={model} />
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
          hint="as the method defines it"
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

/** Says which targets the model's output has, in that output's own names. */
function TargetHint({ model }: { model: OpenedModel | null }) {
  if (model === null) return null;
  if (model.text === 'caption') {
    return (
      <p class="field-hint">
        <code>word:2</code>: the second word, <code>word:2:car</code>: another word in its place,{' '}
        <code>word:end</code>, or <code>sentence</code>.
      </p>
    );
  }
  const [one = '0', other = '1'] = model.labels.map(askedFor);
  switch (model.answer) {
    case 'value':
      return (
        <p class="field-hint">
          <code>value</code>: the number itself, or <code>not:value</code>: what makes it small.
        </p>
      );
    case 'boxes':
      return (
        <p class="field-hint">
          <code>box:1</code>: the best box, <code>box:2:{one}</code>: how much of a class the second
          is, or a class: its best box.
        </p>
      );
    case 'table':
      return (
        <p class="field-hint">
          The output is {model.answerInWords}: <code>element:i,j</code> is any one of them.
        </p>
      );
    case 'map':
      return (
        <p class="field-hint">
          {model.classes === 0 ? (
            <>
              <code>value</code>: the sum of all places,{' '}
            </>
          ) : (
            <>
              A class: all places of it, or those in a part,{' '}
              <code>region:{one}@x,y,width,height</code>; <code>pixel:{one}@x,y</code>;{' '}
            </>
          )}
          <code>element:row,column,0</code>.
        </p>
      );
    case 'binary':
      return (
        <p class="field-hint">
          <code>{other}</code>: what the model says, or <code>{one}</code>: the rest.
        </p>
      );
    case 'classes':
    case 'labels':
    case 'scores':
      return (
        <p class="field-hint">
          A class by name or index, <code>top2</code>, <code>not:{other}</code>, or{' '}
          <code>
            {one}:{other}
          </code>
          : why {one} rather than {other}.
        </p>
      );
  }
}

/** The first of a class's names, or its index if the name could be read as another target. */
function askedFor(label: string, index: number): string {
  const [name = ''] = label.split(',');
  return /[:@]/.test(name) || name.trim() === '' ? String(index) : name.trim();
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
