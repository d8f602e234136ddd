import type { Engine } from '../../src/engines/port/engine.ts';

/**
 * One thing that must hold on every engine. Checks import no test framework and no Node: a test file
 * runs them under Vitest, a page in a browser.
 */
export interface Check {
  readonly title: string;
  /** @throws Error that says what was expected and what was found. */
  readonly run: (engine: Engine) => Promise<void>;
}

interface Numbers {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** @throws Error with the message where the condition does not hold. */
export function ensure(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new Error(message());
}

/** Ensures equal shapes, and values that differ by at most `tolerance` of `scale`. */
export function ensureClose(
  what: string,
  actual: Numbers,
  expected: Numbers,
  tolerance: number,
  scale: number,
): void {
  ensure(
    actual.shape.join() === expected.shape.join(),
    () => `${what}: expected shape [${expected.shape.join()}], got [${actual.shape.join()}]`,
  );
  const unit = scale > 0 ? scale : 1;
  for (let i = 0; i < expected.data.length; i++) {
    const difference = Math.abs(actual.data[i]! - expected.data[i]!) / unit;
    ensure(
      difference <= tolerance,
      () =>
        `${what}: expected ${expected.data[i]} at ${i}, got ${actual.data[i]}: ${difference.toExponential(2)} of ${unit}, allowed ${tolerance}`,
    );
  }
}

/** Sum of all values, in float64. */
export function sumOf({ data }: { readonly data: Float32Array }): number {
  return data.reduce((sum, value) => sum + value, 0);
}
