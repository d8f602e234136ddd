import type { RunCount } from './count-runs.ts';
import type { Timings } from './measure.ts';

/** Estimates how many milliseconds the counted passes take, from the times of single passes. */
export function estimate(count: RunCount, timings: Timings): number {
  const { forward, gradCam, guidedBackprop, tail } = timings;
  const { forwards, toLayer, toInput, tails } = count;
  return (
    forwards * forward +
    toLayer * Math.max(0, gradCam - forward) +
    toInput * Math.max(0, guidedBackprop - forward) +
    tails * tail
  );
}

/** Formats a duration as `41 ms`, `3.2 s` or `12 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 100) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}
