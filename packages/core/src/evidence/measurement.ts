/** A setting of a measurement, as it can stand in JSON. */
export type SettingValue = string | number | boolean | readonly number[] | null;

/**
 * One number about one map. It carries everything that it depends on besides the model, the image and the
 * map, so that anybody can compute it again.
 */
export interface Measurement {
  /** Name of the metric: `deletion`, `road`, `sparseness`, .. */
  readonly metric: string;
  /** The number; null where the metric has no result for this map, see `reason`. */
  readonly value: number | null;
  /** Whether a good map has a high or a low value; `neither` for a property that is neither good nor bad. */
  readonly better: 'higher' | 'lower' | 'neither';
  /** Every setting of the metric, its seed included where it draws random numbers. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  /** Why there is no result; present exactly where `value` is null. */
  readonly reason?: string;
}

/** A measurement without a result. */
export function withoutResult(
  measurement: Omit<Measurement, 'value' | 'reason'>,
  reason: string,
): Measurement {
  return { ...measurement, value: null, reason };
}
