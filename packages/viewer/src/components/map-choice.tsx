import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { listAxes, moveOnAxis, type AxisName } from '../state/map-axes.ts';
import { explanationKey } from '../state/select.ts';
import { captionOf, partOf } from '../text/words.ts';
import { Choice } from './choice.tsx';

const axisTitles: Readonly<Record<AxisName, string>> = {
  target: 'Class',
  method: 'Method',
  layer: 'Layer',
};

/**
 * The most options that are shown as buttons, because that many are seen at a glance. More options, or
 * longer ones, are shown as a list.
 */
const MAX_BUTTONS = 4;
const MAX_LETTERS = 30;

/**
 * Chooses the large map among an image's maps by its class, method and layer. Each choice is shown only
 * where there are several.
 */
export function MapChoice(props: {
  line: ResultLine;
  shown: ResultExplanation;
  onChoose: (key: string) => void;
}) {
  const { line, shown, onChoose } = props;
  // The words of a caption are chosen in the caption.
  const caption = captionOf(line);
  const isInCaption =
    caption !== null && line.explanations.every((one) => partOf(caption, one) !== null);
  const axes = listAxes(line, shown).filter(({ name }) => name !== 'target' || !isInCaption);
  if (axes.length === 0) return null;
  return (
    <section class="controls" aria-label="Map">
      {axes.map(({ name, options, chosen }) => {
        const choose = (value: string): void =>
          onChoose(explanationKey(moveOnAxis(line.explanations, shown, name, value)));
        const letters = options.reduce((sum, { text }) => sum + text.length, 0);
        if (options.length <= MAX_BUTTONS && letters <= MAX_LETTERS) {
          return (
            <Choice
              key={name}
              label={axisTitles[name]}
              options={options}
              chosen={chosen}
              onChoose={choose}
            />
          );
        }
        return (
          <label key={name} class="field">
            {axisTitles[name]}
            <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
              {options.map(({ value, text }) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        );
      })}
    </section>
  );
}
