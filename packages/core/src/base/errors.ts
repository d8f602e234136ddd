import { toOneLine } from './printable.ts';

/** The kinds of errors that core throws on purpose; see {@link GradcamError.kind}. */
export type GradcamErrorKind =
  /** The model's JSON or weights are broken or contradict themselves. */
  | 'model'
  /** A layer type, attribute or option that this version cannot compute. */
  | 'unsupported'
  /**
   * No layer, class or method has this name; {@link GradcamError.candidates} lists similar ones.
   */
  | 'not-found'
  /** The image cannot be decoded or used. */
  | 'image'
  /** The engine or its backend is missing or failed. */
  | 'engine'
  /** An argument out of its documented range. */
  | 'argument';

/**
 * An error whose message is one line: what is wrong, what was expected, what was found, where, and what
 * to do next.
 *
 * The command maps `kind` to its exit code; programs can switch on it.
 */
export class GradcamError extends Error {
  readonly kind: GradcamErrorKind;
  /** For `not-found`: the names that the caller may have meant, the most similar first. */
  readonly candidates: readonly string[];

  constructor(
    kind: GradcamErrorKind,
    message: string,
    options: { cause?: unknown; candidates?: readonly string[] } = {},
  ) {
    super(toOneLine(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GradcamError';
    this.kind = kind;
    this.candidates = options.candidates ?? [];
  }
}

/** Whether `error` is one of core's own, optionally of one of the given kinds. */
export function isGradcamError(
  error: unknown,
  ...kinds: readonly GradcamErrorKind[]
): error is GradcamError {
  return error instanceof GradcamError && (kinds.length === 0 || kinds.includes(error.kind));
}
