import type { ResultExplanation, ResultLine } from '@gradcam/core';

/** Share of the image's longer side that the ring around a peak has as radius. */
const RING = 0.022;

/**
 * The box and the peak of a map, drawn over its picture.
 *
 * The drawing fits itself into its room as the picture does, so that the two stay over each other.
 */
export function MapMarks(props: {
  line: Pick<ResultLine, 'width' | 'height'>;
  explanation: Pick<ResultExplanation, 'peak' | 'box' | 'diagnostics'>;
}) {
  const { width, height } = props.line;
  const { peak, box, diagnostics } = props.explanation;
  if (diagnostics.blank !== undefined) return null;
  return (
    <svg class="marks" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {/* Each mark twice, dark under light: it is seen on any picture. */}
      {(['mark-under', 'mark-over'] as const).map((layer) => (
        <g key={layer} class={layer}>
          {box !== null && <rect x={box.x} y={box.y} width={box.width} height={box.height} />}
          <circle cx={peak.x} cy={peak.y} r={RING * Math.max(width, height)} />
        </g>
      ))}
    </svg>
  );
}
