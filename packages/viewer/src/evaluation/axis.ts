/** The ends and the ticks of an axis. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

/** Steps of ticks, each times a power of ten. */
const STEPS = [1, 2, 5, 10] as const;

/** An axis over all values with ticks at round numbers, about `count` of them; 0 to 1 without values. */
export function planAxis(values: readonly number[], count = 5): Axis {
  const [least, most] =
    values.length === 0 ? [0, 1] : [Math.min(0, ...values), Math.max(...values)];
  const span = most - least || 1;
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = power * (STEPS.find((one) => one * power * count >= span) ?? 10);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil((least + span) / step - 1e-9));
  // Multiplied and not added up, so that rounding errors do not grow; 12 digits hide the last one.
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  return { from: ticks[0]!, to: ticks.at(-1)!, ticks };
}
