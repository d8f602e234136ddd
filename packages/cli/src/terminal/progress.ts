import cliProgress from 'cli-progress';
import type { Terminal } from './messages.ts';

/** Shows the progress of long work. It is drawn on stderr, and only on a terminal. */
export interface Progress {
  /** @param text the item that is being processed; without it the last text remains. */
  update(done: number, text?: string): void;
  /** Hides the bar while `write` prints. */
  print(write: () => void): void;
  stop(): void;
}

/**
 * Starts a bar with rate and remaining time. It draws nothing if the output is not a terminal, or for a
 * single item.
 */
export function startProgress(terminal: Terminal, total: number, unit: string): Progress {
  if (!terminal.isInteractive || total < 2) {
    return { update: () => {}, print: (write) => write(), stop: () => {} };
  }
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: `{bar} {value}/{total} ${unit}, {rate}/s, {eta_formatted} left  {text}`,
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    // The remaining time is computed from the last hundred images, because the first image takes longer
    // than the others.
    etaBuffer: 100,
    gracefulExit: false,
  });
  const start = performance.now();
  let shown = '';
  bar.start(total, 0, { text: '', rate: '-' });
  return {
    update(done, text = shown) {
      shown = text;
      const rate = (1000 * done) / (performance.now() - start);
      bar.update(done, { text, rate: done === 0 ? '-' : rate.toPrecision(3) });
    },
    print(write) {
      // The results go to stdout, which may be shown on the same screen.
      if (process.stdout.isTTY) process.stderr.write('\r\x1b[K');
      write();
    },
    stop: () => bar.stop(),
  };
}
