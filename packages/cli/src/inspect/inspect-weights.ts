import { openSource } from '@gradcam/converter/node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Terminal } from '../terminal/messages.ts';

/** What a weight file, checkpoint or archive holds; the documented JSON of `inspect --json`. */
export interface WeightListing {
  readonly format: string;
  readonly tensors: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly bytes: number;
  }[];
  /** Entries that are no tensors, such as strings, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** Lists the tensors of a source without reading their values; archives are unpacked on the side. */
export async function listWeights(source: string): Promise<WeightListing> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'gradcam-inspect-'));
  try {
    const { file, close } = await openSource(source, scratch);
    try {
      const tensors = file.tensors.map(({ name, dtype, shape, byteLength }) => ({
        name,
        dtype,
        shape,
        bytes: byteLength,
      }));
      return { format: file.format, tensors, skipped: file.skipped };
    } finally {
      await close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Prints a listing as a table with a sum. */
export function printWeights(
  { format, tensors, skipped }: WeightListing,
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
