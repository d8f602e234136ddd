import type { ResultExplanation, ResultLine } from '@gradcam/core';

/** Radius of the ring around a peak, as a share of the image's longer side. */
const RING = 0.022;
/** Radius of the dot on a fixation. */
const DOT = 0.004;

/**
 * Draws a map's box, peak and fixations over its picture.
 *
 * The drawing scales to the available space in the same way as the picture, so that the two stay aligned.
 */
export function MapMarks(props: {
  line: Pick<ResultLine, 'width' | 'height'>;
  explanation: Pick<ResultExplanation, 'peak' | 'box' | 'points' | 'diagnostics'>;
  /** `clip-path` of a drawing of which only a part is shown. */
  clip?: string | undefined;
}) {
  const { width, height } = props.line;
  const { peak, box, points = [], diagnostics } = props.explanation;
  if (diagnostics.blank !== undefined) return null;
  const outline = box === null ? '' : rectangle(box);
  const longest = Math.max(width, height);
  const ring = circle(peak, RING * longest);
  const dots = points.map(({ x, y }) => circle({ x: x + 0.5, y: y + 0.5 }, DOT * longest));
  const marks = [outline, ring, ...dots].join('');
  return (
    <svg
      class="marks"
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      style={props.clip === undefined ? undefined : { clipPath: props.clip }}
    >
      {/* Each mark is drawn twice, light over dark, so that it is visible on any picture. */}
      <path class="mark-under" d={marks} />
      <path class="mark-over" d={marks} />
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
