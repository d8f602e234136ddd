import { mostConfused, type Confusion, type CountedClass } from '../state/confusion.ts';
import type { ChangeView } from '../state/state.ts';
import type { View } from '../state/view.ts';
import { countOf, formatPercent } from '../text/format.ts';

/** The most classes in the table. More of them would not fit on a screen. */
const MAX_CLASSES = 20;

/**
 * The confusion matrix of a run: how many images of each class (row) were predicted as each class (column).
 * A click on a number shows these images.
 */
export function ConfusionTable(props: { confusion: Confusion; view: View; change: ChangeView }) {
  const { confusion, view, change } = props;
  const classes = mostConfused(confusion.classes, MAX_CLASSES);
  const left = confusion.classes.length - classes.length;
  const isChosen = (truth: number, predicted: number): boolean =>
    view.truth === truth && view.predicted === predicted;
  const choose = (truth: number, predicted: number): void => {
    const next = isChosen(truth, predicted)
      ? { truth: null, predicted: null }
      : { truth, predicted };
    change({ ...next, selection: 'all', query: '', certainty: 'any' });
  };
  return (
    <details class="run-details">
      <summary>Which classes are confused</summary>
      <p class="confusion-help">
        A row is a true class, a column what the model predicted. Press a number to see its images.
        {left > 0 &&
          ` The ${MAX_CLASSES} classes with the most mistakes; ${left} more are left out.`}
      </p>
      <div class="confusion-room" tabIndex={0} role="region" aria-label="Confusion matrix">
        <table class="confusion">
          <thead>
            <tr>
              <td />
              {classes.map(({ index, name }) => (
                <th key={index} scope="col" title={name}>
                  <span>{name}</span>
                </th>
              ))}
              <th scope="col" class="confusion-share">
                right
              </th>
            </tr>
          </thead>
          <tbody>
            {classes.map((truth) => (
              <tr key={truth.index}>
                <th scope="row" title={truth.name}>
                  {truth.name}
                </th>
                {classes.map((predicted) => (
                  <ConfusionCell
                    key={predicted.index}
                    truth={truth}
                    predicted={predicted}
                    count={confusion.count(truth.index, predicted.index)}
                    isChosen={isChosen(truth.index, predicted.index)}
                    onChoose={() => choose(truth.index, predicted.index)}
                  />
                ))}
                <td class="confusion-share">
                  {truth.images === 0 ? '–' : formatPercent(truth.right / truth.images)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function ConfusionCell(props: {
  truth: CountedClass;
  predicted: CountedClass;
  count: number;
  isChosen: boolean;
  onChoose: () => void;
}) {
  const { truth, predicted, count, isChosen, onChoose } = props;
  if (count === 0) return <td class="confusion-none">0</td>;
  const isRight = truth.index === predicted.index;
  const what = isRight
    ? `${countOf(count, 'image')} of ${truth.name}, rightly predicted`
    : `${countOf(count, 'image')} of ${truth.name}, predicted as ${predicted.name}`;
  return (
    <td>
      <button
        type="button"
        class={isRight ? 'confusion-right' : 'confusion-wrong'}
        style={{ '--share': count / truth.images }}
        aria-label={what}
        title={what}
        aria-pressed={isChosen}
        onClick={onChoose}
      >
        {count.toLocaleString('en')}
      </button>
    </td>
  );
}
