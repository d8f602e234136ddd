import cliProgress from 'cli-progress';
import type { Terminal } from './messages.ts';

/** Shows how far long work is: on a terminal only, on stderr. */
export interface Progress {
  /** @param text what is worked on; as before where it is not given. */
  update(done: number, text?: string): void;
  /** Prints with the bar out of the way. */
  print(write: () => void): void;
  stop(): void;
}

/** A bar with rate and remaining time; draws nothing where nobody looks, or for a single item. */
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
      // The results go to another stream, perhaps the same screen.
      if (process.stdout.isTTY) process.stderr.write('\r\x1b[K');
      write();
    },
    stop: () => bar.stop(),
  };
}
