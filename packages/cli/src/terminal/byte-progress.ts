import cliProgress from 'cli-progress';
import type { Terminal } from './messages.ts';

/** Progress of work that is counted in bytes, stage by stage, with rate and remaining time. */
export interface ByteProgress {
  update(stage: string, doneBytes: number, totalBytes: number): void;
  stop(): void;
}

/** Starts the progress display, which draws nothing if the output is not a terminal. */
export function startByteProgress(terminal: Terminal): ByteProgress {
  if (!terminal.isInteractive) return { update: () => {}, stop: () => {} };
  let current: { stage: string; bar: cliProgress.SingleBar; started: number } | null = null;
  const stop = (): void => {
    current?.bar.stop();
    current = null;
  };
  return {
    stop,
    update(stage, doneBytes, totalBytes) {
      if (current?.stage !== stage) {
        stop();
        const bar = new cliProgress.SingleBar({
          stream: process.stderr,
          format: '{stage} {bar} {done} of {total} MB, {rate} MB/s, {eta_formatted} left',
          barsize: 24,
          hideCursor: true,
          clearOnComplete: true,
        });
        current = { stage, bar, started: performance.now() };
        bar.start(totalBytes, 0, { stage, done: 0, total: 0, rate: 0 });
      }
      const seconds = (performance.now() - current.started) / 1000;
      current.bar.update(doneBytes, {
        stage,
        done: toMegabytes(doneBytes),
        total: toMegabytes(totalBytes),
        rate: toMegabytes(doneBytes / Math.max(seconds, 0.001)),
      });
    },
  };
}

function toMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
