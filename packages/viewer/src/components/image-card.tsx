import type { ResultExplanation, ResultLine } from '@gradcam/core';
import type { ExplainedEntry } from '../run/entry.ts';
import { explanationKey } from '../state/select.ts';
import type { Action } from '../state/state.ts';
import { describeExplanation, distinguishExplanation } from '../text/describe.ts';
import { className, formatPercent, formatScore, targetName } from '../text/format.ts';
import { MapPicture } from './map-picture.tsx';

/** An image with its prediction and all of its maps. */
export function ImageCard(props: {
  base: string;
  entry: ExplainedEntry;
  marks: boolean;
  dispatch: (action: Action) => void;
}) {
  const { base, entry, marks, dispatch } = props;
  const { line, image, name } = entry;
  const [best] = line.predictions;
  return (
    <article class="card">
      <header class="card-header">
        <h2 class="card-name" title={image}>
          {name}
        </h2>
        {best !== undefined && (
          <p class="card-prediction">
            <span class="visually-hidden">predicted: </span>
            {className(best)} <b>{formatPercent(best.probability)}</b>
          </p>
        )}
      </header>
      <div class={line.explanations.length > 1 ? 'card-maps card-maps-many' : 'card-maps'}>
        {line.explanations.map((explanation) => {
          const key = explanationKey(explanation);
          return (
            <figure key={key} class="map">
              <button
                type="button"
                class="map-button"
                aria-label={`Enlarge ${describeExplanation(line, explanation)} of ${name}`}
                onClick={() => dispatch({ type: 'image-opened', image, explanation: key })}
              >
                <MapPicture
                  base={base}
                  line={line}
                  explanation={explanation}
                  picture="overlay"
                  marks={marks}
                  alt=""
                />
              </button>
              <MapCaption line={line} explanation={explanation} />
            </figure>
          );
        })}
      </div>
    </article>
  );
}

function MapCaption({ line, explanation }: { line: ResultLine; explanation: ResultExplanation }) {
  const { diagnostics, score } = explanation;
  return (
    <figcaption class="map-caption">
      <p class="map-target">
        <span>{targetName(explanation, line.predictions)}</span>
        <b>{formatPercent(diagnostics.probability)}</b>
      </p>
      <p class="map-origin">
        {[...distinguishExplanation(line, explanation), `score ${formatScore(score)}`].join(' · ')}
      </p>
      {diagnostics.blank !== undefined && (
        <p class="message message-warning">
          <strong>Blank map:</strong> {diagnostics.blank}
        </p>
      )}
    </figcaption>
  );
}
