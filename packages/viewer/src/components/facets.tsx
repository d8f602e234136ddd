import { useMemo } from 'preact/hooks';
import type { Entry } from '../run/entry.ts';
import type { Confusion, CountedClass } from '../state/confusion.ts';
import { countClasses } from '../state/select.ts';
import type { ChangeView } from '../state/state.ts';
import { certainties, type Certainty } from '@gradcam/core';
import { orders, type Order, type View } from '../state/view.ts';

const certaintyNames: Readonly<Record<Certainty, string>> = {
  any: 'Any certainty',
  unsure: 'Below 50 %',
  between: '50 to 90 %',
  sure: '90 % and above',
};

const orderNames: Readonly<Record<Order, string>> = {
  run: 'In order of the run',
  name: 'By name',
  class: 'By class',
  'least-sure': 'Least sure first',
  'most-sure': 'Most sure first',
  'wrong-first': 'Wrong first, most sure of them',
  'score-drop': 'Largest drop in the other run',
};

/**
 * The most classes in the list. A list of a thousand classes helps nobody; the text filter finds the rare
 * ones.
 */
const MAX_CLASSES = 200;

/** Filters by the model's predictions, and the order of the grid. */
export function Facets(props: {
  entries: readonly Entry[];
  /** Null if no true classes are known. */
  confusion: Confusion | null;
  view: View;
  change: ChangeView;
}) {
  const { entries, confusion, view, change } = props;
  const truths = useMemo(() => listTruths(confusion), [confusion]);
  const classes = useMemo(() => countClasses(entries).slice(0, MAX_CLASSES), [entries]);
  // A run of captions has no classes to choose.
  const hasClasses = classes.length > 0 || entries.length === 0 || view.predicted !== null;
  const offered = useMemo(() => offerOrders(entries, view.order), [entries, view.order]);
  return (
    <div class="facets">
      {hasClasses && (
        <select
          aria-label="Predicted class"
          value={view.predicted === null ? '' : String(view.predicted)}
          onChange={(event) => {
            const { value } = event.currentTarget;
            change({ predicted: value === '' ? null : Number(value) });
          }}
        >
          <option value="">{confusion === null ? 'Any class' : 'Predicted: any class'}</option>
          {classes.map(({ index, name, count }) => (
            <option key={index} value={String(index)}>
              {confusion === null ? '' : 'Predicted: '}
              {name} ({count.toLocaleString('en')})
            </option>
          ))}
        </select>
      )}
      {truths.length > 0 && (
        <select
          aria-label="True class"
          value={view.truth === null ? '' : String(view.truth)}
          onChange={(event) => {
            const { value } = event.currentTarget;
            change({ truth: value === '' ? null : Number(value) });
          }}
        >
          <option value="">True: any class</option>
          {truths.map(({ index, name, images }) => (
            <option key={index} value={String(index)}>
              True: {name} ({images.toLocaleString('en')})
            </option>
          ))}
        </select>
      )}
      {hasClasses && (
        <select
          aria-label="Certainty"
          value={view.certainty}
          onChange={(event) => change({ certainty: pick(certainties, event.currentTarget.value) })}
        >
          {certainties.map((name) => (
            <option key={name} value={name}>
              {certaintyNames[name]}
            </option>
          ))}
        </select>
      )}
      <select
        aria-label="Order"
        value={view.order}
        onChange={(event) => change({ order: pick(orders, event.currentTarget.value) })}
      >
        {offered.map((name) => (
          <option key={name} value={name}>
            {orderNames[name]}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The true classes of the run, the most frequent first. */
function listTruths(confusion: Confusion | null): readonly CountedClass[] {
  return (confusion?.classes ?? [])
    .filter(({ images }) => images > 0)
    .sort((a, b) => b.images - a.images)
    .slice(0, MAX_CLASSES);
}

/**
 * The orders that the run supports: those by ground truth or by another run are offered only where it is
 * present.
 */
function offerOrders(entries: readonly Entry[], chosen: Order): readonly Order[] {
  const hasTruth = entries.some(({ line }) => 'truth' in line);
  const hasOther = entries.some((entry) => entry.kind === 'explained' && entry.other !== undefined);
  return orders.filter((order) => {
    if (order === 'wrong-first') return hasTruth || order === chosen;
    return order !== 'score-drop' || hasOther || order === chosen;
  });
}

function pick<T extends string>(names: readonly [T, ...T[]], value: string): T {
  return names.find((name) => name === value) ?? names[0];
}
