import { toOneLine } from '@gradcam/core';

/** The kinds of errors of the fleet, as {@link FleetError.kind} states them. */
export type FleetErrorKind =
  /** A folder, an image or an address that cannot be used for a shared run. */
  | 'argument'
  /** A plan or a job that is damaged. */
  | 'data'
  /** This worker cannot do the job: it has another model, or none. Another worker may. */
  | 'refused'
  /** The run does not wait for this job any more. */
  | 'obsolete'
  /** The server of the queue is not reachable, or refuses this program. */
  | 'queue';

/** An error with one printable line: what, expected, found, where, next step. */
export class FleetError extends Error {
  readonly kind: FleetErrorKind;

  constructor(kind: FleetErrorKind, message: string, options?: { cause?: unknown }) {
    super(toOneLine(message), options);
    this.name = 'FleetError';
    this.kind = kind;
  }
}

/** Whether `error` is a {@link FleetError}, optionally one of the given kinds. */
export function isFleetError(
  error: unknown,
  ...kinds: readonly FleetErrorKind[]
): error is FleetError {
  return error instanceof FleetError && (kinds.length === 0 || kinds.includes(error.kind));
}
