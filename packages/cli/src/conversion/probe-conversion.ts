import type { WeightDType } from '@gradcam/converter';
import {
  createScratchFolder,
  removeDeadFolders,
  type ConvertResult,
} from '@gradcam/converter/node';
import path from 'node:path';
import type { Terminal } from '../terminal/messages.ts';
import { addProbe, lacksProbe, runProbe } from './probe.ts';

/**
 * Adds the probe to a model that has none: one just converted, or one whose conversion was ended before the
 * probe came. For quantised weights the float32 ones are converted too, beside the model and only for the
 * moment, so that the probe can state both.
 */
export async function probeConversion(
  { directory }: ConvertResult,
  dtype: WeightDType,
  convertTo: (out: string, dtype: WeightDType) => Promise<ConvertResult>,
  terminal: Terminal,
): Promise<void> {
  const prefix = path.join(path.dirname(directory), '.gradcam-float32-');
  await removeDeadFolders(prefix);
  if (!(await lacksProbe(directory))) return;
  if (dtype === 'float32') return addProbe(directory, null, terminal);
  const scratch = await createScratchFolder(prefix);
  try {
    const { directory: exact } = await convertTo(path.join(scratch.path, 'model'), 'float32');
    const { top } = await runProbe(exact, 'auto', terminal);
    await addProbe(directory, top, terminal);
  } finally {
    await scratch.remove();
  }
}
