import type { ResultExplanation, ResultLine } from '@gradcam/core';
import type { ExplainedEntry } from '../run/entry.ts';
import { explanationKey, findExplanation } from '../state/select.ts';
import type { Action } from '../state/state.ts';
import { pictureKinds, type PictureKind, type View } from '../state/view.ts';
import { describeExplanation, distinguishExplanation } from '../text/describe.ts';
import { targetName } from '../text/format.ts';
import { Choice } from './choice.tsx';
import { ExplanationFacts } from './explanation-facts.tsx';
import { choosePicture, MapPicture } from './map-picture.tsx';
import { PredictionBars } from './prediction-bars.tsx';

const pictureNames: Readonly<Record<PictureKind, string>> = {
  overlay: 'Overlay',
  heatmap: 'Heatmap',
  original: 'Original',
};

/** The maps of an enlarged image: one large, the others to choose from, and what they say. */
export function EnlargedMaps(props: {
  base: string;
  entry: ExplainedEntry;
  view: View;
  dispatch: (action: Action) => void;
}) {
  const { base, entry, view, dispatch } = props;
  const { line } = entry;
  const explanation = findExplanation(line.explanations, view.explanation);
  if (explanation === undefined) return <p class="message">No map was asked for.</p>;
  const offered = pictureKinds.filter((kind) => explanation.files[kind] !== undefined);
  const picture = choosePicture(explanation.files, view.picture);
  const title = describeExplanation(line, explanation);
  return (
    <div class="enlarged-body">
      <figure class="enlarged-figure">
        <MapPicture
          base={base}
          line={line}
          explanation={explanation}
          picture={view.picture}
          marks={view.marks}
          alt={`${picture === null ? '' : pictureNames[picture.kind]} of ${entry.name}: ${title}`}
        />
        <figcaption class="visually-hidden">{title}</figcaption>
      </figure>
      <div class="enlarged-side">
        <div class="enlarged-controls">
          {offered.length > 1 && picture !== null && (
            <Choice
              label="Picture"
              options={offered.map((kind) => ({ value: kind, text: pictureNames[kind] }))}
              chosen={picture.kind}
              onChoose={(kind) => dispatch({ type: 'picture-chosen', picture: kind })}
            />
          )}
          <label class="switch">
            <input
              type="checkbox"
              checked={view.marks}
              onChange={(event) =>
                dispatch({ type: 'marks-switched', marks: event.currentTarget.checked })
              }
            />
            Box and peak
          </label>
        </div>
        {line.explanations.length > 1 && (
          <ExplanationList
            line={line}
            chosen={explanation}
            onChoose={(key) => dispatch({ type: 'explanation-chosen', explanation: key })}
          />
        )}
        <ExplanationFacts line={line} explanation={explanation} />
        <PredictionBars predictions={line.predictions} target={explanation.target} />
      </div>
    </div>
  );
}

function ExplanationList(props: {
  line: ResultLine;
  chosen: ResultExplanation;
  onChoose: (key: string) => void;
}) {
  const { line, chosen, onChoose } = props;
  return (
    <Choice
      label="Map"
      options={line.explanations.map((explanation) => ({
        value: explanationKey(explanation),
        text: [
          targetName(explanation, line.predictions),
          ...distinguishExplanation(line, explanation),
        ].join(' · '),
      }))}
      chosen={explanationKey(chosen)}
      onChoose={onChoose}
    />
  );
}
