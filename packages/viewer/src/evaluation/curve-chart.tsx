import { useState } from 'preact/hooks';
import { planAxis } from './axis.ts';
import type { MeanCurve } from './mean-curves.ts';
import { curveTexts, formatNumber, rowTitle } from './names.ts';

const [WIDTH, HEIGHT] = [600, 340];
const frame = { left: 52, right: WIDTH - 28, top: 12, bottom: HEIGHT - 44 } as const;

/** How the line of a row is drawn. Dashes tell lines apart for readers who do not see their colours. */
export interface LineStyle {
  readonly className: string;
  readonly dash: string;
}

/** The mean curves of one metric, with the values at a share of the pixels that the reader chooses. */
export function CurveChart(props: {
  name: string;
  curves: readonly MeanCurve[];
  /** The share of changed pixels at each point; the points are even where it is empty. */
  shares: readonly number[];
  styleOf: (row: string) => LineStyle;
  hidden: ReadonlySet<string>;
  onToggle: (row: string) => void;
}) {
  const { name, curves, styleOf, hidden, onToggle } = props;
  const count = curves[0]?.points.length ?? 0;
  const shares =
    props.shares.length === count
      ? props.shares
      : Array.from({ length: count }, (_, i) => i / Math.max(1, count - 1));
  const [chosen, setChosen] = useState(Math.floor(count / 4));
  const at = Math.min(chosen, count - 1);
  const {
    title,
    meaning,
    x: label,
  } = curveTexts[name] ?? { title: name, meaning: '', x: 'Share of pixels' };
  const axis = planAxis(curves.flatMap(({ points }) => points));
  const across = (share: number): number => frame.left + share * (frame.right - frame.left);
  const down = (value: number): number =>
    frame.bottom - ((value - axis.from) / (axis.to - axis.from)) * (frame.bottom - frame.top);
  const shown = curves.filter(({ row }) => !hidden.has(row));
  return (
    <figure class="curve">
      <figcaption>
        <h3>{title}</h3>
        <p>{meaning}</p>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${title}: mean curves of ${shown.map(({ row }) => rowTitle(row)).join(', ')}`}
      >
        {axis.ticks.map((tick) => (
          <g key={tick} class="tick">
            <path d={`M${frame.left} ${down(tick)}H${frame.right}`} />
            <text x={frame.left - 8} y={down(tick) + 4} text-anchor="end">
              {String(tick).replace('-', '−')}
            </text>
          </g>
        ))}
        {[0, 0.25, 0.5, 0.75, 1].map((share) => (
          <text key={share} x={across(share)} y={frame.bottom + 18} text-anchor="middle">
            {share * 100} %
          </text>
        ))}
        <text x={(frame.left + frame.right) / 2} y={HEIGHT - 6} text-anchor="middle">
          {label}
        </text>
        <path class="here" d={`M${across(shares[at] ?? 0)} ${frame.top}V${frame.bottom}`} />
        {shown.map(({ row, points }) => {
          const { className, dash } = styleOf(row);
          const d = points.map(
            (value, i) =>
              `${i === 0 ? 'M' : 'L'}${across(shares[i]!).toFixed(1)} ${down(value).toFixed(1)}`,
          );
          return (
            <path key={row} class={`line ${className}`} stroke-dasharray={dash} d={d.join('')} />
          );
        })}
      </svg>
      <label class="curve-place">
        <span>
          Values at <output>{((shares[at] ?? 0) * 100).toFixed(0)} %</output>
        </span>
        <input
          type="range"
          min={0}
          max={Math.max(0, count - 1)}
          step={1}
          value={at}
          onInput={(event) => setChosen(Number(event.currentTarget.value))}
        />
      </label>
      <ul class="curve-rows">
        {curves.map(({ row, points, images }) => {
          const { className, dash } = styleOf(row);
          return (
            <li key={row}>
              <button
                type="button"
                aria-pressed={!hidden.has(row)}
                title={`${images} images`}
                onClick={() => onToggle(row)}
              >
                <svg class="swatch" viewBox="0 0 28 8" aria-hidden="true">
                  <path class={`line ${className}`} stroke-dasharray={dash} d="M1 4H27" />
                </svg>
                <span>{rowTitle(row)}</span>
                <b>{formatNumber(points[at] ?? 0)}</b>
              </button>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}
