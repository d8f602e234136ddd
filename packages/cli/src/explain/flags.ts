import {
  colormapNames,
  findPreset,
  type ColormapName,
  type ExplainOptions,
  type ModelOverrides,
} from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { choose } from '../models/choose.ts';
import { parseModelFlags, type ModelFlags } from '../models/model-flags.ts';
import { saveKinds, type SaveKind, type SaveSettings } from './save-explanation.ts';

/** The flags of `explain` as commander hands them over. */
export interface ExplainFlags extends ModelFlags {
  readonly model: string;
  readonly out: string;
  readonly method: string;
  readonly target: readonly string[];
  readonly layer: string;
  readonly engine: string;
  readonly save: string;
  readonly colormap: string;
  readonly alpha: string;
  readonly like?: string;
  readonly runs?: string;
  readonly batch?: string;
  readonly models?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** The flags after checking. */
export interface ExplainSettings {
  readonly explain: ExplainOptions;
  readonly save: SaveSettings;
  readonly model: ModelOverrides;
  readonly engine: string;
  readonly fit: ModelOverrides['fit'];
}

/**
 * Checks the flags before any work begins.
 *
 * @throws CommandError 64 naming the flag, what it takes and what was given; 66 for a missing labels file.
 */
export async function parseExplainFlags(flags: ExplainFlags): Promise<ExplainSettings> {
  const model = await parseModelFlags(flags);
  return {
    engine: flags.engine,
    fit: model.fit,
    model,
    explain: {
      methods: splitList('--method', flags.method),
      targets: flags.target.length > 0 ? flags.target : ['top1'],
      layers: splitList('--layer', flags.layer),
      ...(flags.runs === undefined ? {} : { runs: parseCount('--runs', flags.runs) }),
      ...(flags.batch === undefined ? {} : { batch: parseCount('--batch', flags.batch) }),
      ...(flags.like === undefined ? {} : { like: findPreset(flags.like).name }),
    },
    save: {
      save: splitList('--save', flags.save).map((kind): SaveKind =>
        choose('--save', kind, saveKinds),
      ),
      colormap: choose('--colormap', flags.colormap, colormapNames) satisfies ColormapName,
      alpha: parseFraction('--alpha', flags.alpha),
    },
  };
}

function splitList(flag: string, value: string): string[] {
  const items = value.split(',').map((item) => item.trim());
  if (items.every((item) => item !== '')) return items;
  throw new CommandError(
    exitCodes.usage,
    `${flag} takes names with commas between; got '${value}'`,
  );
}

function parseCount(flag: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new CommandError(exitCodes.usage, `${flag} takes a whole number from 1; got '${value}'`);
}

function parseFraction(flag: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new CommandError(exitCodes.usage, `${flag} takes a number from 0 to 1; got '${value}'`);
}
