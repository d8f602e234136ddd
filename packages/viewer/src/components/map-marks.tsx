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
  /** `clip-path` of a drawing of which only a part counts. */
  clip?: string | undefined;
}) {
  const { width, height } = props.line;
  const { peak, box, diagnostics } = props.explanation;
  if (diagnostics.blank !== undefined) return null;
  const outline = box === null ? '' : rectangle(box);
  const ring = circle(peak, RING * Math.max(width, height));
  return (
    <svg
      class="marks"
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      style={props.clip === undefined ? undefined : { clipPath: props.clip }}
    >
      {/* Each mark twice, dark under light: it is seen on any picture. */}
      <path class="mark-under" d={outline + ring} />
      <path class="mark-over" d={outline + ring} />
    </svg>
  );
}

function rectangle({ x, y, width, height }: NonNullable<ResultExplanation['box']>): string {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}

function circle({ x, y }: ResultExplanation['peak'], radius: number): string {
  const half = `a${radius} ${radius} 0 0 0`;
  return `M${x - radius} ${y}${half} ${2 * radius} 0${half} ${-2 * radius} 0z`;
}
