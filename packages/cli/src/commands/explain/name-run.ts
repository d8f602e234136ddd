import path from 'node:path';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import type { ExplainFlags } from './flags.ts';

/** The flags as the user stated them. */
export type StatedFlags = Omit<ExplainFlags, 'out'> & { readonly out?: string };

/**
 * The flags with a run folder, if the user named none.
 *
 * @throws CommandError 64 for a run that is resumed or shared, because such a run has to be named.
 */
export function withRunFolder(flags: StatedFlags): ExplainFlags {
  if (flags.out !== undefined) return { ...flags, out: flags.out };
  const named = [flags.resume && '--resume', flags.queue !== undefined && '--queue'].find(Boolean);
  if (named !== undefined) {
    throw new CommandError(exitCodes.usage, `${named} needs --out: the folder of the run`);
  }
  return { ...flags, out: nameRun(flags.model, new Date()) };
}

/**
 * Names a new run folder after the model and the time: `runs/demo-resnet-2026-01-31-235959`. A second run
 * within the same second is refused, as every run in a folder that holds one.
 *
 * @param model as `--model` names it: an id, a path or a web address.
 */
export function nameRun(model: string, now: Date): string {
  const words = model
    .replace(/[?#].*$/, '')
    .split(/[\\/]/)
    .filter((word) => word !== '');
  const last = words.at(-1) === 'model.json' ? words.at(-2) : words.at(-1);
  const stem = (last ?? '').replace(/\.(onnx|json|keras|h5|pth|safetensors)$/i, '').toLowerCase();
  const plain = stem.replace(/[^a-z0-9._-]+/g, '-').replace(/^[.-]+/, '') || 'model';
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('');
  return path.join('runs', `${plain}-${day}-${time}`);
}
