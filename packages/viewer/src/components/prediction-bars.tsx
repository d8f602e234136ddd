import type { Prediction, ResultExplanation, ResultLine } from '@gradcam/core';
import { explanationKey } from '../state/select.ts';
import { className, formatPercent } from '../text/format.ts';

/**
 * The most probable classes as bars. The one that is explained stands out; a click on another goes
 * to its map, where the run holds one of the same method and layer.
 */
export function PredictionBars(props: {
  line: ResultLine;
  explanation: ResultExplanation;
  onChoose: (key: string) => void;
}) {
  const { line, explanation, onChoose } = props;
  return (
    <section aria-labelledby="predictions-title">
      <h3 id="predictions-title">Predictions</h3>
      <ol class="bars">
        {line.predictions.map((prediction) => {
          const isTarget = prediction.index === explanation.target.index;
          const map = findMapOf(prediction, line, explanation);
          return (
            <li key={prediction.index} class={isTarget ? 'bar-target' : ''}>
              {map === undefined || isTarget ? (
                <span class="bar-name">{className(prediction)}</span>
              ) : (
                <button
                  type="button"
                  class="text-button bar-name"
                  aria-label={`Show the map for ${className(prediction)}`}
                  onClick={() => onChoose(explanationKey(map))}
                >
                  {className(prediction)}
                </button>
              )}
              <span class="bar-value">{formatPercent(prediction.probability)}</span>
              <meter min={0} max={1} value={prediction.probability} aria-hidden="true" />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function findMapOf(
  { index }: Prediction,
  { explanations }: ResultLine,
  like: ResultExplanation,
): ResultExplanation | undefined {
  return explanations.find(
    ({ method, layer, target }) =>
      method === like.method &&
      layer === like.layer &&
      target.kind === 'class' &&
      target.index === index,
  );
}
