import cliProgress from 'cli-progress';
import type { Terminal } from './messages.ts';

/** Shows how far long work is: on a terminal only, on stderr. */
export interface Progress {
  update(done: number, text: string): void;
  stop(): void;
}

/** A bar with rate and remaining time; draws nothing where nobody looks, or for a single item. */
export function startProgress(terminal: Terminal, total: number, unit: string): Progress {
  if (!terminal.isInteractive || total < 2) return { update: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: `{bar} {value}/{total} ${unit}, {eta_formatted} left  {text}`,
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total, 0, { text: '' });
  return {
    update: (done, text) => bar.update(done, { text }),
    stop: () => bar.stop(),
  };
}
