import { toOneLine } from '@gradcam/core';

/** Exit codes of the command, after sysexits.h. They are part of the documented contract. */
export const exitCodes = {
  done: 0,
  /** Some images failed, and each is named; the others are done. */
  someFailed: 1,
  usage: 64,
  /** A model, a weight file or other data is broken. */
  badData: 65,
  /** An image, folder or model does not exist. */
  noInput: 66,
  engineUnavailable: 69,
  /** A fault of this program, which is printed with its stack. */
  internal: 70,
  cannotCreate: 73,
  cannotWrite: 74,
  downloadFailed: 75,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error of the command itself, with the code that it exits with. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: { cause?: unknown }) {
    super(toOneLine(message), options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}
