import type { FetchProgress } from '../node/fetch-and-convert.ts';

/** Prints the progress and the messages of one model. */
export interface ProgressPrinter {
  show(progress: FetchProgress): void;
  say(line: string): void;
}

/** The stream to print to, such as `process.stderr`. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const INTERVAL_MS = 200;
const MIB = 1024 * 1024;

/** Prints one line that is rewritten on a terminal. In a log it prints one line for each stage. */
export function createProgressPrinter(
  terminal: Terminal,
  model: string,
  now: () => number = Date.now,
): ProgressPrinter {
  let stage = '';
  let startedAt = 0;
  let startBytes = 0;
  let printedAt = Number.NEGATIVE_INFINITY;
  let open = false;

  function clear(): void {
    if (open) terminal.write('\r\x1b[K');
    open = false;
  }

  return {
    show(progress) {
      const time = now();
      if (progress.stage !== stage) {
        stage = progress.stage;
        startedAt = time;
        startBytes = progress.doneBytes;
        printedAt = Number.NEGATIVE_INFINITY;
        if (terminal.isTTY !== true) terminal.write(`${model}: ${stage}\n`);
      }
      const finished = progress.doneBytes === progress.totalBytes;
      if (terminal.isTTY !== true || (time - printedAt < INTERVAL_MS && !finished)) return;
      printedAt = time;
      const rate = ((progress.doneBytes - startBytes) * 1000) / Math.max(1, time - startedAt);
      terminal.write(`\r\x1b[K${model}: ${stage} ${formatProgress(progress, rate)}`);
      open = true;
    },
    say(line) {
      clear();
      terminal.write(`${model}: ${line}\n`);
    },
  };
}

/** `12.3 of 91.0 MiB, 14%, 5.1 MiB/s, 15 s left`. */
export function formatProgress(
  progress: { readonly doneBytes: number; readonly totalBytes: number | undefined },
  bytesPerSecond: number,
): string {
  const { doneBytes, totalBytes } = progress;
  const done = (doneBytes / MIB).toFixed(1);
  const rate = `${(bytesPerSecond / MIB).toFixed(1)} MiB/s`;
  if (totalBytes === undefined) return `${done} MiB, ${rate}`;
  const share = totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes);
  const left = bytesPerSecond > 0 ? Math.ceil((totalBytes - doneBytes) / bytesPerSecond) : 0;
  return `${done} of ${(totalBytes / MIB).toFixed(1)} MiB, ${share}%, ${rate}, ${left} s left`;
}
