import type { Prediction } from '@gradcam/core';
import { className, formatAnswer } from '../text/format.ts';

/** What a click on a prediction does. */
export interface PredictionAct {
  /** In words, for those who do not see the bars. */
  readonly label: string;
  readonly run: () => void;
}

/** Length of a class's bar, 0..1; undefined for a number, which has none. */
function lengthOf({ share, probability }: Prediction): number | undefined {
  return share ?? probability;
}

/** The most probable classes as bars. The one that is explained stands out. */
export function PredictionBars(props: {
  predictions: readonly Prediction[];
  /** Index of the class that is explained. */
  explained: number;
  /** null for a prediction that leads nowhere. */
  actOf: (prediction: Prediction) => PredictionAct | null;
}) {
  const { predictions, explained, actOf } = props;
  return (
    <section aria-labelledby="predictions-title">
      <h3 id="predictions-title">Predictions</h3>
      <ol class="bars">
        {predictions.map((prediction) => {
          const isTarget = prediction.index === explained;
          const act = isTarget ? null : actOf(prediction);
          return (
            <li key={prediction.index} class={isTarget ? 'bar-target' : ''}>
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
              <span class="bar-value">{formatAnswer(prediction)}</span>
              {lengthOf(prediction) !== undefined && (
                <meter min={0} max={1} value={lengthOf(prediction)} aria-hidden="true" />
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
