import {
  type FailureLine,
  isFailure,
  type ResultLine,
  type RunCounts,
  toPrintable,
} from '@gradcam/core';
import type { Terminal } from '../../terminal/messages.ts';
import { quoteForShell } from '../../terminal/quote-for-shell.ts';
import { startProgress } from '../../terminal/progress.ts';
import type { ExplainFlags } from './flags.ts';
import { formatResult } from './print-result.ts';

/**
 * The most failures that are shown at the end, so that they fit on a screen. The results hold all of them.
 */
const SHOWN_FAILURES = 20;

type ReportFlags = Pick<ExplainFlags, 'json' | 'quiet' | 'out' | 'questions' | 'resume'>;

/** Reports to people and programs how far a run has come. */
export interface ImageReporter {
  begin(image: string): void;
  /** Reports the progress of a method that runs the model many times. */
  runs(image: string, done: number, total: number): void;
  line(line: ResultLine | FailureLine): void;
  /** Ends the progress bar. */
  stop(): void;
  /** Lists the failures and prints the totals; for a run that was stopped, also how to go on. */
  finish(counts: RunCounts): void;
}

export function createReporter(
  flags: ReportFlags,
  total: number,
  terminal: Terminal,
): ImageReporter {
  const what = flags.questions === undefined ? 'images' : 'questions';
  const progress = startProgress(terminal, total, what);
  const failures: string[] = [];
  const said = new Set<string>();
  let [finished, failed] = [0, 0];
  return {
    begin: (image) => progress.update(finished, toPrintable(image)),
    runs: (image, done, all) => progress.update(finished, toPrintable(`${image} ${done}/${all}`)),
    line(line) {
      finished += 1;
      progress.update(finished);
      if (isFailure(line)) {
        failed += 1;
        if (failures.length < SHOWN_FAILURES) failures.push(line.error);
      }
      if (flags.json) progress.print(() => terminal.out(JSON.stringify(line)));
      else if (!flags.quiet && !isFailure(line)) {
        const lines = formatResult(line, flags.out, said);
        progress.print(() => lines.forEach((text) => terminal.out(text)));
      }
    },
    stop: () => progress.stop(),
    finish({ done, failed: failedInAll, judged, correct }) {
      for (const failure of failures) terminal.warn(failure);
      const more = failed - failures.length;
      if (more > 0) terminal.warn(`${more} more failed; results.jsonl names them`);
      if (judged !== undefined && correct !== undefined) {
        const share = ((100 * correct) / judged).toFixed(1);
        terminal.note(
          flags.questions === undefined
            ? `top class correct for ${correct} of ${judged} images with ground truth, ${share} %`
            : `${correct} of ${judged} answers are those of the table, ${share} %`,
        );
      }
      terminal.note(
        `${done} explained, ${failedInAll} failed; look at them: npx gradcam view ${quoteForShell(flags.out)}`,
      );
      const left = total - finished;
      if (left > 0) terminal.note(`${left} ${what} are left; to go on, ${describeResume(flags)}`);
    },
  };
}

function describeResume({ out, resume }: ReportFlags): string {
  if (resume) return 'give the same command again';
  return `give the same command again with --resume --out ${quoteForShell(out)}`;
}
