import type { Prediction, ResultExplanation, ResultLine } from '@gradcam/core';
import { className, formatAnswer } from '../text/format.ts';

type Target = ResultExplanation['target'];

/** What a click on a prediction does. */
export interface PredictionAct {
  /** The action in words, for readers who do not see the bars. */
  readonly label: string;
  readonly run: () => void;
}

/** Length of a class's bar, 0..1; undefined for a plain number, which has no bar. */
function lengthOf({ share, probability }: Prediction): number | undefined {
  return share ?? probability;
}

/** The model's output without rounding: the text of a bar is rounded. */
function exactOf({ value, share, probability }: Prediction): number | undefined {
  return value ?? share ?? probability;
}

/**
 * Whether a map explains a prediction as a whole, rather than a part of its region or the evidence against
 * it.
 */
export function isMapOf({ kind, index, at }: Target, prediction: Prediction): boolean {
  if (kind === 'box') return isSameBox(at, prediction.box) && index === prediction.index;
  if (kind === 'value') return prediction.value !== undefined;
  return (kind === 'class' || kind === 'region') && at === undefined && index === prediction.index;
}

function isSameBox(at: Target['at'], box: Prediction['box']): boolean {
  return (
    at !== undefined && box !== undefined && Object.values(at).join() === Object.values(box).join()
  );
}

/** Shows the most probable classes as bars and highlights the one that is explained. */
export function PredictionBars(props: {
  predictions: readonly Prediction[];
  /** The explained target; undefined if nothing is explained. */
  explained: Target | undefined;
  /** The true class of the image, where it is known. */
  truth?: ResultLine['truth'];
  /** Returns null for a prediction that cannot be clicked. */
  actOf: (prediction: Prediction) => PredictionAct | null;
}) {
  const { predictions, explained, truth, actOf } = props;
  // A table of numbers has no classes, so there is nothing to show.
  if (predictions.length === 0) return null;
  return (
    <section aria-labelledby="predictions-title">
      <h3 id="predictions-title">Predictions</h3>
      <ol class="bars">
        {predictions.map((prediction, place) => {
          const isTarget = explained !== undefined && isMapOf(explained, prediction);
          const act = isTarget ? null : actOf(prediction);
          return (
            <li key={`${place}/${prediction.index}`} class={isTarget ? 'bar-target' : ''}>
              <span class="bar-label">
                {act === null ? (
                  <span class="bar-name">{className(prediction)}</span>
                ) : (
                  <button
                    type="button"
                    class="text-button bar-name"
                    aria-label={act.label}
                    onClick={act.run}
                  >
                    {className(prediction)}
                  </button>
                )}
                {truth?.index === prediction.index && (
                  <span class="truth truth-class">true class</span>
                )}
              </span>
              <data
                class="bar-value"
                value={exactOf(prediction)}
                title={exactOf(prediction)?.toString()}
              >
                {formatAnswer(prediction)}
              </data>
              {lengthOf(prediction) !== undefined && (
                <meter min={0} max={1} value={lengthOf(prediction)} aria-hidden="true" />
              )}
            </li>
          );
        })}
      </ol>
      {truth !== undefined && !predictions.some(({ index }) => index === truth.index) && (
        <p class="truth-absent">
          True class: <b>{className(truth)}</b>, not among these.
        </p>
      )}
    </section>
  );
}
