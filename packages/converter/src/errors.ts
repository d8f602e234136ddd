/**
 * All ways in which reading, converting or fetching can fail, as tagged errors with fields. A message is
 * one line: subject, expected, found, where, next step.
 */

/** The tags of the errors, which are also their `name`. */
export type ConverterErrorTag =
  | 'FormatError'
  | 'UnsupportedError'
  | 'ChecksumError'
  | 'LimitError'
  | 'MappingError'
  | 'NotFoundError'
  | 'DownloadError'
  | 'LockedError'
  | 'WriteError';

/**
 * The fields that all errors of this package share. Use {@link isConverterError} rather than `instanceof`.
 */
export class ConverterError extends Error {
  /** The kind of the error. */
  readonly tag: ConverterErrorTag;

  constructor(tag: ConverterErrorTag, message: string, options?: { cause?: unknown }) {
    super(toOneLine(message), options);
    this.tag = tag;
    this.name = tag;
  }
}

/** Bytes that contradict their format: wrong magic, truncation, impossible sizes. */
export class FormatError extends ConverterError {
  /** The format being read, e.g. `npy`, `pickle`, `sstable`. */
  readonly format: string;
  /** Byte offset in the source, when known. */
  readonly offset: number | undefined;

  constructor(format: string, message: string, offset?: number, options?: { cause?: unknown }) {
    super('FormatError', describeFormatError(format, message, offset), options);
    this.format = format;
    this.offset = offset;
  }
}

/** The input is valid but this package does not read it: a dtype, an opcode, a compression. */
export class UnsupportedError extends ConverterError {
  /** The unsupported feature, such as `pickle global os.system`. */
  readonly feature: string;

  constructor(feature: string, message: string) {
    super('UnsupportedError', message);
    this.feature = feature;
  }
}

/** The bytes of a file do not have the checksum that is stored in it or published for it. */
export class ChecksumError extends ConverterError {
  /** The checked part, such as `block at byte 0 of model.ckpt`. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;

  constructor(subject: string, algorithm: string, expected: string, found: string) {
    super(
      'ChecksumError',
      `${subject}: ${algorithm} is ${found}, expected ${expected}; the file is damaged, fetch it again`,
    );
    this.subject = subject;
    this.expected = expected;
    this.found = found;
  }
}

/** A declared size exceeds one of the constants in `bytes/limits.ts`. */
export class LimitError extends ConverterError {
  /** The quantity that is limited. */
  readonly subject: string;
  readonly limit: number;
  readonly found: number;

  constructor(subject: string, limit: number, found: number) {
    super('LimitError', `${subject} is ${found}, more than the limit of ${limit}`);
    this.subject = subject;
    this.limit = limit;
    this.found = found;
  }
}

/** The tensors do not fit the requested architecture. */
export class MappingError extends ConverterError {
  /** Names that the architecture needs and the file does not contain. */
  readonly missing: readonly string[];
  /** Names that the file contains with another shape. */
  readonly mismatched: readonly string[];

  constructor(message: string, missing: readonly string[], mismatched: readonly string[]) {
    super('MappingError', message);
    this.missing = missing;
    this.mismatched = mismatched;
  }
}

/** A name (file, model, architecture) does not exist. */
export class NotFoundError extends ConverterError {
  readonly subject: string;
  /** Names that exist, the nearest first. */
  readonly candidates: readonly string[];

  constructor(subject: string, message: string, candidates: readonly string[] = []) {
    super('NotFoundError', message);
    this.subject = subject;
    this.candidates = candidates;
  }
}

/** No source of a download returned the complete, correct file. */
export class DownloadError extends ConverterError {
  readonly url: string;
  /** The last HTTP status, if a server responded. */
  readonly status: number | undefined;

  constructor(url: string, message: string, options: { status?: number; cause?: unknown } = {}) {
    super('DownloadError', message, { cause: options.cause });
    this.url = url;
    this.status = options.status;
  }
}

/** Another living process is working on the same output. */
export class LockedError extends ConverterError {
  readonly path: string;
  /** The process id of the holder, if its lock file states it. */
  readonly holder: number | undefined;

  /** @param host name of the holder's machine, if it is another machine. */
  constructor(path: string, holder?: number, host?: string) {
    const who = holder === undefined ? 'another process' : `process ${holder}`;
    const where = host === undefined ? '' : ` on ${host}`;
    super(
      'LockedError',
      `${path} is being written by ${who}${where}; wait for it, or remove that lock if it is gone`,
    );
    this.path = path;
    this.holder = holder;
  }
}

/** The output cannot be written. */
export class WriteError extends ConverterError {
  readonly path: string;

  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super('WriteError', `cannot write ${path}: ${reason}`, { cause });
    this.path = path;
  }
}

/**
 * Whether an error was thrown by this package on purpose.
 *
 * @example
 * ```ts
 * // not run: no file fails here on purpose; packages/converter/test has each error
 * try { await convertModel(options); }
 * catch (error) { if (isConverterError(error) && error.tag === 'ChecksumError') await refetch(); }
 * ```
 */
export function isConverterError(error: unknown): error is ConverterError {
  return error instanceof ConverterError;
}

/** The longest message in characters. Names in hostile files may be megabytes long. */
const MAX_MESSAGE = 1200;
/** Characters that are kept from the end of a longer message, which contains the next step. */
const MESSAGE_END = 400;

/**
 * Makes a message one line of limited length that cannot move the cursor: names in damaged files may
 * contain any characters.
 */
function toOneLine(message: string): string {
  // A character that is written as an escape is longer than before, so the line is cut after that.
  const line = message.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return line.length <= MAX_MESSAGE
    ? line
    : `${line.slice(0, MAX_MESSAGE - MESSAGE_END)} [..] ${line.slice(-MESSAGE_END)}`;
}

function describeFormatError(format: string, message: string, offset: number | undefined): string {
  return offset === undefined ? `${format}: ${message}` : `${format}: ${message} (byte ${offset})`;
}
