import type { MapEvidence, ResultBox, ResultExplanation, ResultLine } from '@gradcam/core';
import {
  formatPercent,
  formatPixels,
  formatScore,
  methodTitle,
  targetName,
} from '../text/format.ts';

/** Lists what was computed for a map, and the results. */
export function ExplanationFacts(props: { line: ResultLine; explanation: ResultExplanation }) {
  const { line, explanation } = props;
  const { grid, peak, box, scale, diagnostics } = explanation;
  const cell = diagnostics.cellSize.map(formatPixels).join(' × ');
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['Target', targetName(explanation, line.predictions)],
    // A target without a probability, such as a value or a region, gets no line for it.
    ...(diagnostics.probability === undefined
      ? []
      : [['Probability', formatPercent(diagnostics.probability)] as const]),
    ['Score', formatScore(explanation.score)],
    ['Method', methodTitle(explanation.method)],
    ['Layer', explanation.layer],
    ['Grid', `${grid[0]} × ${grid[1]}, cells ${cell} px`],
    ['Peak', `${formatPixels(peak.x)}, ${formatPixels(peak.y)}`],
    ['Box', box === null ? '–' : describeBox(box)],
    ...(scale === undefined
      ? []
      : [
          [
            'Full colour',
            `${formatScore(scale.value)}, the ${scale.percentile}th percentile`,
          ] as const,
        ]),
    ['Negative cells', formatPercent(diagnostics.negativeShare)],
    // Methods without gradients have no gradient norm.
    ...(diagnostics.gradientNorm === undefined
      ? []
      : [['Gradient norm', formatScore(diagnostics.gradientNorm)] as const]),
    ...describeEvidence(explanation),
    ['Image', `${line.width} × ${line.height} px`],
    ['Time', `${Math.round(line.ms).toLocaleString('en')} ms`],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The numbers of a map's evidence. */
function describeEvidence({ evidence }: ResultExplanation): (readonly [string, string])[] {
  if (evidence === undefined || evidence.deletion === null) return [];
  const { deletion, randomBaseline, randomised } = evidence;
  return [
    ['Deletion', formatScore(deletion)],
    ...(randomBaseline === null
      ? []
      : ([
          [
            'Random places',
            `${formatScore(randomBaseline.mean)}; ${randomBaseline.asLow} of ${randomBaseline.maps} as low`,
          ],
        ] as const)),
    ['Noise as weights', randomised === null ? '–' : `rank correlation ${randomised.toFixed(2)}`],
  ];
}

const ratingClasses: Readonly<Record<MapEvidence['rating'], string>> = {
  supported: 'message-good',
  doubtful: 'message-warning',
  unsupported: 'message-warning',
  none: '',
};

/** Says whether the map is worth believing, where the run examined it. */
export function EvidenceNote({ explanation }: { explanation: ResultExplanation }) {
  const { evidence } = explanation;
  if (evidence === undefined) return null;
  const [title, ...rest] = evidence.verdict.split(': ');
  return (
    <p class={`message ${ratingClasses[evidence.rating]}`}>
      <strong>{title}:</strong> {rest.join(': ')}
    </p>
  );
}

/** Says why a map is blank, and what to look at instead. */
export function BlankNote(props: { explanation: Pick<ResultExplanation, 'diagnostics'> }) {
  const { blank } = props.explanation.diagnostics;
  if (blank === undefined) return null;
  return (
    <p class="message message-warning" role="status">
      <strong>Blank map:</strong> {blank}
    </p>
  );
}

function describeBox({ x, y, width, height, rule, holdsPeak }: ResultBox): string {
  const place = `${x}, ${y}, ${width} × ${height} px`;
  const by = rule === undefined ? '' : `, by ${rule}`;
  return `${place}${by}${holdsPeak === false ? ', the peak lies outside' : ''}`;
}
