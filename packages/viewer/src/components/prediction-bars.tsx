import type { Prediction, ResultExplanation } from '@gradcam/core';
import { className, formatPercent } from '../text/format.ts';

/** The most probable classes as bars; the one that is explained stands out. */
export function PredictionBars(props: {
  predictions: readonly Prediction[];
  target: ResultExplanation['target'];
}) {
  return (
    <section aria-labelledby="predictions-title">
      <h3 id="predictions-title">Predictions</h3>
      <ol class="bars">
        {props.predictions.map((prediction) => (
          <li
            key={prediction.index}
            class={prediction.index === props.target.index ? 'bar-target' : ''}
          >
            <span class="bar-name">{className(prediction)}</span>
            <span class="bar-value">{formatPercent(prediction.probability)}</span>
            <meter min={0} max={1} value={prediction.probability} aria-hidden="true" />
          </li>
        ))}
      </ol>
    </section>
  );
}
