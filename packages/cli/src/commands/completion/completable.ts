import { listArchitectures, PUBLISHED_MODELS } from '@gradcam/converter';
import { boxRules, gradientStyles, methods, presetNames } from '@gradcam/core';
import { colourings, overlayModes, saveKinds } from '@gradcam/runs';
import type { Command, Option } from 'commander';
import { replacementKinds, scoreKinds } from '../../metrics/metric-choices.ts';
import { metricNames } from '../../metrics/metrics.ts';
import { wordNetIds } from '../../models/word-nets.ts';
import { engineNames } from '../../models/open-engine.ts';

/** The kinds of words that the command line accepts at one place. */
export type Completion =
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly isList: boolean }
  /** Model ids: the known ones, and those in the user's folders of models. */
  | { readonly kind: 'models'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  | { readonly kind: 'folders' }
  /** Numbers or names that the user makes up, for which nothing can be suggested. */
  | { readonly kind: 'free' };

const words = (of: readonly string[]): Completion => ({ kind: 'words', words: of, isList: false });
const list = (of: readonly string[]): Completion => ({ kind: 'words', words: of, isList: true });

const ids = listArchitectures().map(({ id }) => id);
const models: Completion = { kind: 'models', words: [...ids, ...wordNetIds] };

/** The words for each flag, by the flag's name. They are the same for all commands. */
const ofFlag: Readonly<Record<string, Completion>> = {
  '--model': models,
  '--method': list(methods.map(({ name }) => name)),
  '--layer': words(['auto']),
  '--target': words(['top1', 'top3', 'top5']),
  '--like': words(presetNames),
  '--save': list(saveKinds),
  '--colormap': words(colourings),
  '--gradients': words(gradientStyles),
  '--overlay': words(overlayModes),
  '--box': words(boxRules),
  '--metric': list(metricNames),
  '--score': words(scoreKinds),
  '--replace': words(replacementKinds),
  '--resize': words(['bilinear', 'bicubic', 'lanczos']),
  '--fit': words(['crop', 'squash', 'letterbox']),
  '--input-range': words(['0..255', '0..1', '-1..1']),
  '--channels': words(['rgb', 'bgr']),
  '--dtype': words(['float32', 'float16', 'uint16', 'uint8']),
  '--arch': words(ids),
};

/** The words for each argument, by the argument's name. */
const ofArgument: Readonly<Record<string, Completion>> = {
  ids: words(PUBLISHED_MODELS.map(({ id }) => id).concat('demo-resnet', 'demo-vgg', wordNetIds)),
  shell: words(['bash', 'zsh', 'fish']),
  run: { kind: 'folders' },
  model: models,
  'model|file': { kind: 'files' },
};

/** The words that can follow a flag; null for a flag that takes no value. */
export function completeFlag(command: Command, { long, flags }: Option): Completion | null {
  if (!/[<[]/.test(flags)) return null;
  if (long === '--engine') {
    return command.name() === 'bench' ? list(engineNames) : words(engineNames);
  }
  const known = ofFlag[long ?? ''];
  if (known !== undefined) return known;
  if (/[<[]dir/.test(flags)) return { kind: 'folders' };
  return /[<[]file/.test(flags) ? { kind: 'files' } : { kind: 'free' };
}

/** The words that a command accepts as an argument. */
export function completeArgument(command: Command): Completion {
  const name = command.registeredArguments[0]?.name();
  if (name === undefined) return { kind: 'free' };
  return ofArgument[name] ?? { kind: 'files' };
}

/** The long names of a command's flags. */
export function listFlags(command: Command): Option[] {
  return [...command.createHelp().visibleOptions(command)].filter(({ long }) => long !== undefined);
}
