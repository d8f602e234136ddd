import { toOneLine } from '@gradcam/core';

/** The kinds of errors of a run, as {@link RunError.kind} states them. */
export type RunErrorKind =
  /** A run cannot be continued with the given settings. */
  | 'argument'
  /** A file of a run is damaged, or an image that a target names cannot be used. */
  | 'data'
  /** There is no run in the folder, or no image of that name. */
  | 'not-found'
  /** The folder of a run cannot be created or holds something else. */
  | 'cannot-create'
  /** A file cannot be written, or another program changed it. */
  | 'cannot-write';

/**
 * An error with one printable line: what, expected, found, where, next step.
 *
 * The command line maps `kind` to its exit code, a service to its status.
 */
export class RunError extends Error {
  readonly kind: RunErrorKind;

  constructor(kind: RunErrorKind, message: string, options?: { cause?: unknown }) {
    super(toOneLine(message), options);
    this.name = 'RunError';
    this.kind = kind;
  }
}

/** Whether `error` is a {@link RunError}, optionally one of the given kinds. */
export function isRunError(error: unknown, ...kinds: readonly RunErrorKind[]): error is RunError {
  return error instanceof RunError && (kinds.length === 0 || kinds.includes(error.kind));
}
