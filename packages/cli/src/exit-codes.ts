/** Exit codes of the command, after sysexits.h; part of the documented contract. */
export const exitCodes = {
  done: 0,
  /** Some images failed, each named; the rest is done. */
  someFailed: 1,
  usage: 64,
  /** A model, a weight file or other data is broken. */
  badData: 65,
  /** An image, folder or model is not there. */
  noInput: 66,
  engineUnavailable: 69,
  /** A fault of this program; printed with its stack. */
  internal: 70,
  cannotCreate: 73,
  cannotWrite: 74,
  downloadFailed: 75,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Longest message; a table or a list that it quotes may have lines of megabytes. */
const MAX_MESSAGE = 1200;
/** Kept of a longer one's end, where the next step stands. */
const MESSAGE_END = 400;

/** An error of the command itself, with the code that it exits with. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: { cause?: unknown }) {
    super(shorten(message), options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

function shorten(message: string): string {
  if (message.length <= MAX_MESSAGE) return message;
  return `${message.slice(0, MAX_MESSAGE - MESSAGE_END)} [..] ${message.slice(-MESSAGE_END)}`;
}
