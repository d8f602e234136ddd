import type { ConvertResult } from '@gradcam/converter/node';
import type { Terminal } from '../terminal/messages.ts';

/** Prints for people which tensors a conversion used and which it left out. */
export function printConversion({ directory, report }: ConvertResult, terminal: Terminal): void {
  if (report === undefined) {
    terminal.note(`${directory} already holds this conversion`);
    return;
  }
  terminal.note(`${report.used.length} tensors used, ${report.unused.length} left out`);
  for (const note of report.notes ?? []) terminal.note(note);
  for (const line of Object.values(report.assumed ?? {})) terminal.note(`assumed: ${line}`);
  for (const { name } of report.unused) terminal.debug(`left out: ${name}`);
}
