import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { MAX_CARD_MAPS } from '../grid/card-measures.ts';
import type { ExplainedEntry } from '../run/entry.ts';
import { isChanged } from '../run/pair.ts';
import { explanationKey } from '../state/select.ts';
import type { Action } from '../state/state.ts';
import { describeExplanation, distinguishExplanation } from '../text/describe.ts';
import { className, countOf, formatAnswer, formatScore, targetName } from '../text/format.ts';
import { MapPicture } from './map-picture.tsx';
import { TruthMark } from './truth-mark.tsx';

/** Shows an image with its prediction and its maps. */
export function ImageCard(props: {
  base: string;
  entry: ExplainedEntry;
  marks: boolean;
  /** Whether maps stand side by side. */
  isMany: boolean;
  dispatch: (action: Action) => void;
}) {
  const { base, entry, marks, isMany, dispatch } = props;
  const { line, image, name, best } = entry;
  const maps = line.explanations.slice(0, MAX_CARD_MAPS);
  const hidden = line.explanations.length - maps.length;
  return (
    <article class="card">
      <header class="card-header">
        <h2 class="card-name" title={image}>
          {name}
        </h2>
        {best !== undefined && (
          <p class="card-prediction">
            <span class="visually-hidden">predicted: </span>
            {className(best)} <b>{formatAnswer(best)}</b> <TruthMark line={line} />
            {isChanged(entry) && entry.other?.best !== undefined && (
              <>
                {' · other run: '}
                {className(entry.other.best)} <b>{formatAnswer(entry.other.best)}</b>
              </>
            )}
          </p>
        )}
      </header>
      <div class={isMany ? 'card-maps card-maps-many' : 'card-maps'}>
        {maps.map((explanation) => {
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
      {hidden > 0 && (
        <button
          type="button"
          class="card-more"
          onClick={() => {
            dispatch({ type: 'image-opened', image, explanation: null });
            dispatch({ type: 'view-changed', change: { sheet: 'matrix' } });
          }}
        >
          {countOf(hidden, 'more map')} <span class="visually-hidden">of {name}</span>
        </button>
      )}
    </article>
  );
}

function MapCaption({ line, explanation }: { line: ResultLine; explanation: ResultExplanation }) {
  const { diagnostics, score } = explanation;
  return (
    <figcaption class="map-caption">
      <p class="map-target">
        <span>{targetName(explanation, line.predictions)}</span>
        <b>{formatAnswer(diagnostics)}</b>
      </p>
      <p class="map-origin">
        {[...distinguishExplanation(line, explanation), `score ${formatScore(score)}`].join(' · ')}
      </p>
      {diagnostics.blank !== undefined && (
        <p class="message message-warning card-note" title={diagnostics.blank}>
          <strong>Blank map:</strong> {diagnostics.blank}
        </p>
      )}
    </figcaption>
  );
}
