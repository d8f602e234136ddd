import type { ResultExplanation } from '@gradcam/core';
import { rankCorrelation } from '@gradcam/core/evidence';
import { useMemo } from 'preact/hooks';
import { formatAnswer, formatPercent, formatScore, targetName } from '../text/format.ts';
import { captionOf, writeCaption } from '../text/words.ts';
import type { LiveExplanation } from '../worker/protocol.ts';

/** Compares the scores and maps of the edited image with those of the given one. */
export function EditEffect(props: { edited: LiveExplanation; given: LiveExplanation }) {
  const { edited, given } = props;
  const likeness = useMemo(() => likenessOf(given, edited), [given, edited]);
  const [after] = edited.line.explanations;
  const [before] = given.line.explanations;
  if (after === undefined || before === undefined) return null;
  const name = targetName(before, given.line.predictions);
  const other = targetName(after, edited.line.predictions);
  // Two sentences have one name, and the scores of different ones cannot be compared.
  if (name !== other || before.target.label !== after.target.label) {
    return (
      <p class="message message-warning">
        The maps explain different things: {quoted(before) ?? name} in the unedited image,{' '}
        {quoted(after) ?? other} in the edited one. Name a target to compare its scores.
      </p>
    );
  }
  const { probability: chanceBefore } = before.diagnostics;
  const { probability: chanceAfter } = after.diagnostics;
  return (
    <section aria-labelledby="edit-effect-title">
      <h3 id="edit-effect-title">What the edit changed</h3>
      <table class="edit-effect">
        <thead>
          <tr>
            <td />
            <th scope="col">unedited</th>
            <th scope="col">edited</th>
            <th scope="col">change</th>
          </tr>
        </thead>
        <tbody>
          <Row
            name={`Score of ${name}`}
            values={[before.score, after.score]}
            format={formatScore}
            change={signed(after.score - before.score, formatScore)}
          />
          {chanceBefore !== undefined && chanceAfter !== undefined && (
            <Row
              name="Probability"
              values={[chanceBefore, chanceAfter]}
              format={formatPercent}
              change={signed(chanceAfter - chanceBefore, formatPoints)}
            />
          )}
        </tbody>
      </table>
      <p class="edit-likeness">
        {describeFirst(given)} → {describeFirst(edited)}
        {likeness !== null && `; rank correlation of the two maps ${likeness.toFixed(2)}`}
      </p>
    </section>
  );
}

function Row(props: {
  name: string;
  values: readonly [before: number, after: number];
  format: (value: number) => string;
  change: string;
}) {
  const { name, values, format, change } = props;
  return (
    <tr>
      <th scope="row">{name}</th>
      {values.map((value, i) => (
        <td key={i}>
          <data value={value} title={String(value)}>
            {format(value)}
          </data>
        </td>
      ))}
      <td>{change}</td>
    </tr>
  );
}

/** The words of an explained sentence; null for another target. */
function quoted({ target }: ResultExplanation): string | null {
  return target.kind === 'sentence' ? `“${target.label ?? ''}”` : null;
}

/** A change with its sign. */
function signed(change: number, format: (size: number) => string): string {
  const sign = change > 0 ? '+' : change < 0 ? '-' : '';
  return `${sign}${format(Math.abs(change))}`;
}

/** A difference of two probabilities, in percentage points. */
function formatPoints(size: number): string {
  return `${(100 * size).toFixed(1)} points`;
}

/** The first prediction, or the model's own caption, which an edit may replace by another. */
function describeFirst({ line }: LiveExplanation): string {
  const text = captionOf(line);
  if (text !== null) return `“${text.own?.caption ?? writeCaption(text)}”`;
  const [first] = line.predictions;
  if (first === undefined) return 'no prediction';
  return `${first.label ?? `class ${first.index}`} ${formatAnswer(first)}`.trim();
}

/** How alike the raw maps are, -1..1; null for maps of different sizes and for constant maps. */
function likenessOf({ raw: a }: LiveExplanation, { raw: b }: LiveExplanation): number | null {
  return a.shape.join() === b.shape.join() ? rankCorrelation(a.data, b.data) : null;
}
