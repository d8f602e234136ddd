import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { onOutputClosed } from './output-closed.ts';

/**
 * Turns the first Ctrl-C, termination or closed pipe into an abort; a second signal ends the process at
 * once.
 */
export interface SignalGuard {
  readonly signal: AbortSignal;
  /** The exit code if such a signal ended the work; otherwise null. */
  exitCode(): ExitCode | null;
  release(): void;
}

export function abortOnSignals(onFirst: () => void): SignalGuard {
  const controller = new AbortController();
  let code: ExitCode | null = null;
  const listen = (name: NodeJS.Signals, exitCode: ExitCode): (() => void) => {
    const handler = (): void => {
      if (code !== null) process.exit(exitCode);
      code = exitCode;
      onFirst();
      controller.abort();
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  };
  const releases = [
    listen('SIGINT', exitCodes.interrupted),
    listen('SIGTERM', exitCodes.terminated),
    onOutputClosed(() => {
      code ??= exitCodes.done;
      controller.abort();
    }),
  ];
  return {
    signal: controller.signal,
    exitCode: () => code,
    release: () => releases.forEach((release) => release()),
  };
}
