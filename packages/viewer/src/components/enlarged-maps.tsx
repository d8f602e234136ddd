import type { Prediction, RunSettings } from '@gradcam/core';
import { resolveColours, showsDifference } from '../map/colours.ts';
import { isRedrawable } from '../map/map-data.ts';
import { fileAddress } from '../run/file-address.ts';
import type { ExplainedEntry } from '../run/entry.ts';
import { liveLink } from '../run/live-link.ts';
import { chooseAgainst, chooseShown, type Origin } from '../state/pictures.ts';
import { explanationKey } from '../state/select.ts';
import type { ChangeView } from '../state/state.ts';
import { sheets, type Sheet, type View } from '../state/view.ts';
import { className } from '../text/format.ts';
import { Choice } from './choice.tsx';
import { ColourControls } from './colour-controls.tsx';
import { BlankNote, EvidenceNote, ExplanationFacts } from './explanation-facts.tsx';
import { MapChoice } from './map-choice.tsx';
import { MapMatrix } from './map-matrix.tsx';
import { MapStage } from './map-stage.tsx';
import { PictureControls } from './picture-controls.tsx';
import { isMapOf, PredictionBars } from './prediction-bars.tsx';
import { ImageWords } from './image-words.tsx';
import { ShortcutHelp } from './shortcut-help.tsx';

const sheetNames: Readonly<Record<Sheet, string>> = { map: 'One map', matrix: 'All maps' };

/**
 * The maps of an enlarged image: one large map or a table of all, the controls for drawing them, and their
 * facts.
 */
export function EnlargedMaps(props: {
  base: string;
  entry: ExplainedEntry;
  settings: RunSettings;
  /** Id of the run's model if the live page can open it, or null. */
  liveModel: string | null;
  /** The same image in the other run, or null if that run does not have it. */
  other: Origin | null;
  view: View;
  change: ChangeView;
}) {
  const { base, entry, settings, liveModel, other, view, change } = props;
  const { line, name } = entry;
  const shown = chooseShown(line, view, settings);
  if (shown === null) return <p class="message">No map was requested for this image.</p>;
  const colours = resolveColours(view, settings);
  const own: Origin = { base, line, settings, runName: null };
  const against =
    view.comparison === 'none' ? null : chooseAgainst(own, shown, view.against, other);
  const { explanation } = shown;
  const choose = (key: string): void => change({ explanation: key, sheet: 'map' });
  /** Opens the map of the predicted class by the same method at the same layer, if the run contains it. */
  const actOf = (prediction: Prediction) => {
    const map = line.explanations.find(
      ({ method, layer, target }) =>
        method === explanation.method && layer === explanation.layer && isMapOf(target, prediction),
    );
    if (map === undefined) return null;
    const label = `Show the map for ${className(prediction)}`;
    return { label, run: () => choose(explanationKey(map)) };
  };
  return (
    <div class="enlarged-body">
      {view.sheet === 'matrix' ? (
        <MapMatrix
          base={base}
          line={line}
          settings={settings}
          picture={shown.picture}
          colours={colours}
          chosen={explanation}
          onChoose={choose}
        />
      ) : (
        <MapStage
          name={name}
          own={own}
          shown={shown}
          against={against}
          colours={colours}
          view={view}
          change={change}
        />
      )}
      <div class="enlarged-side">
        <ImageWords line={line} shown={explanation} onChoose={choose} />
        {line.explanations.length > 1 && (
          <Choice
            label="Sheet"
            options={sheets.map((value) => ({ value, text: sheetNames[value] }))}
            chosen={view.sheet}
            onChoose={(sheet) => change({ sheet })}
          />
        )}
        {view.sheet === 'map' && <MapChoice line={line} shown={explanation} onChoose={choose} />}
        <BlankNote explanation={explanation} />
        <EvidenceNote explanation={explanation} />
        <PredictionBars
          predictions={line.predictions}
          explained={explanation.target}
          truth={line.truth}
          actOf={actOf}
        />
        <PictureControls
          line={line}
          settings={settings}
          shown={shown}
          against={against}
          otherRun={other?.runName ?? null}
          view={view}
          change={change}
        />
        {isRedrawable(explanation) ? (
          <ColourControls
            settings={settings}
            hasOwnColours={showsDifference(view)}
            isGradient={explanation.scale !== undefined}
            colours={colours}
            view={view}
            change={change}
          />
        ) : (
          <p class="message">
            Colours cannot be changed: this run holds no raw map (<code>--save raw</code>).
          </p>
        )}
        {liveModel !== null && line.view !== undefined && (
          <p>
            <a
              class="live-link"
              href={liveLink(line, name, { model: liveModel, settings }, explanation)}
            >
              Explain this image live
            </a>
          </p>
        )}
        {base !== '' &&
          line.figures?.map(({ layer, file }) => (
            <p key={file}>
              <a class="live-link" href={fileAddress(base, file)} target="_blank" rel="noreferrer">
                Figure of all classes at {layer}
              </a>
            </p>
          ))}
        <ExplanationFacts line={line} explanation={explanation} />
        <ShortcutHelp />
      </div>
    </div>
  );
}
