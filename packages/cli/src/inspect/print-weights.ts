import type { SourceInspection } from '@gradcam/converter/node';
import type { Terminal } from '../terminal/messages.ts';

/** Prints a listing as a table with a sum. */
export function printWeights(
  { format, tensors, skipped }: SourceInspection,
  terminal: Terminal,
): void {
  const total = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  terminal.out(`${format}: ${tensors.length} tensors, ${(total / 1e6).toFixed(1)} MB`);
  const width = Math.max(0, ...tensors.map(({ name }) => name.length));
  for (const { name, dtype, shape, bytes } of tensors) {
    const size = `[${shape.join(', ')}]`;
    terminal.out(`${name.padEnd(width)}  ${dtype.padEnd(8)} ${size.padEnd(20)} ${bytes}`);
  }
  for (const { name, reason } of skipped) terminal.out(`${name}: ${reason}`);
}
