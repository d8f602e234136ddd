import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { useState } from 'preact/hooks';
import { listCardMaps } from '../grid/card-maps.ts';
import type { ExplainedEntry } from '../run/entry.ts';
import { isChanged } from '../run/pair.ts';
import { explanationKey } from '../state/select.ts';
import type { Action } from '../state/state.ts';
import { describeExplanation, distinguishExplanation } from '../text/describe.ts';
import { className, countOf, formatAnswer, formatScore, targetName } from '../text/format.ts';
import { captionOf, questionOf, type SentencePart } from '../text/words.ts';
import { MapPicture } from './map-picture.tsx';
import { Sentence } from './sentence.tsx';
import { TruthMark } from './truth-mark.tsx';

/** Shows an image with its prediction and its maps. */
export function ImageCard(props: {
  base: string;
  entry: ExplainedEntry;
  marks: boolean;
  /** Whether maps stand side by side. */
  isMany: boolean;
  /** The rows that the words of the image's caption fill. */
  wordRows: number;
  dispatch: (action: Action) => void;
}) {
  const { base, entry, marks, isMany, dispatch } = props;
  const { line, image, name, best } = entry;
  const [chosen, setChosen] = useState<SentencePart | null>(null);
  const offered = listCardMaps(line);
  const { part, maps, hidden } = offered.find((one) => one.part === chosen) ?? offered[0]!;
  const [question, caption] = [questionOf(line), captionOf(line)];
  // Several questions about an image have a card each.
  const shown = question === null ? name : `${name}, ${question.question}`;
  return (
    <article class="card">
      <header class={headerClass(line)}>
        <h2 class="card-name" title={image}>
          {name}
        </h2>
        {question !== null && (
          <p class="card-question" title={question.question}>
            {question.question}
          </p>
        )}
        {best !== undefined && (
          <p class="card-prediction">
            {question === null ? <span class="visually-hidden">predicted: </span> : 'Answer: '}
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
      {caption !== null && (
        <div class="card-words" style={{ '--rows': props.wordRows }}>
          <Sentence
            text={caption}
            label={`Caption of ${name}`}
            chosen={part}
            hasMap={(of) => offered.some((one) => one.part === of)}
            onChoose={setChosen}
          />
        </div>
      )}
      <div class={isMany ? 'card-maps card-maps-many' : 'card-maps'}>
        {maps.map((explanation) => {
          const key = explanationKey(explanation);
          return (
            <figure key={key} class="map">
              <button
                type="button"
                class="map-button"
                aria-label={`Enlarge ${describeExplanation(line, explanation)} of ${shown}`}
                onClick={() =>
                  dispatch({ type: 'image-opened', image: entry.key, explanation: key })
                }
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
            dispatch({ type: 'image-opened', image: entry.key, explanation: null });
            dispatch({ type: 'view-changed', change: { sheet: 'matrix' } });
          }}
        >
          {countOf(hidden, 'more map')} <span class="visually-hidden">of {shown}</span>
        </button>
      )}
    </article>
  );
}

function headerClass(line: ResultLine): string {
  if (questionOf(line) !== null) return 'card-header card-header-asked';
  return captionOf(line) === null ? 'card-header' : 'card-header card-header-told';
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
