import type { ResultLine } from '@gradcam/core';
import type { Place } from '../map/probe.ts';

/** The value cursor, which marks the same place in every picture that is shown. */
export function PlaceCursor(props: { line: Pick<ResultLine, 'width' | 'height'>; place: Place }) {
  const { width, height } = props.line;
  const [x, y] = [props.place.across * width, props.place.down * height];
  const arm = 0.02 * Math.max(width, height);
  return (
    <svg class="marks" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {(['mark-under', 'mark-over'] as const).map((layer) => (
        <path
          key={layer}
          class={layer}
          d={`M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`}
        />
      ))}
    </svg>
  );
}
