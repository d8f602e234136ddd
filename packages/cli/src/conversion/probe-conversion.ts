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
 * Adds the probe to a model that has none: a model that was just converted, or one whose conversion ended
 * before the probe was added. For quantised weights the float32 weights are also converted, temporarily and
 * beside the model, so that the probe can state the logits of both.
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
