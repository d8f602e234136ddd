import { findCacheDirectory } from '@gradcam/converter/node';
import { createGraphStore } from '@gradcam/core/node';
import type { GraphStore } from '@gradcam/core/onnx';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal/messages.ts';

const DEFAULT_MEGABYTES = 2048;

/**
 * Opens the store of the onnx engine's compiled graphs in the cache folder. `$GRADCAM_GRAPHS_MB` limits the
 * megabytes that they may take; 0 turns the store off.
 *
 * @throws CommandError 64 if its value is not a number.
 */
export function openGraphStore(terminal: Pick<Terminal, 'note'>): GraphStore | undefined {
  const given = process.env['GRADCAM_GRAPHS_MB'] ?? '';
  const megabytes = given === '' ? DEFAULT_MEGABYTES : Number(given);
  if (!(megabytes >= 0)) {
    throw new CommandError(
      exitCodes.usage,
      `GRADCAM_GRAPHS_MB takes the number of megabytes of compiled graphs to keep, 0 for none; got '${given}'`,
    );
  }
  if (megabytes === 0) return undefined;
  return createGraphStore({
    folder: path.join(findCacheDirectory(), 'graphs'),
    limitBytes: megabytes * 2 ** 20,
    onNote: terminal.note,
  });
}
