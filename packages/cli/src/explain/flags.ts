import {
  colormapNames,
  findPreset,
  parseLabels,
  type ColormapName,
  type ExplainOptions,
  type ModelOverrides,
} from '@gradcam/core';
import { readFile } from 'node:fs/promises';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { saveKinds, type SaveKind, type SaveSettings } from './save-explanation.ts';

/** The flags of `explain` as commander hands them over. */
export interface ExplainFlags {
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
  readonly fit?: string;
  readonly models?: string;
  readonly inputRange?: string;
  readonly mean?: string;
  readonly std?: string;
  readonly channels?: string;
  readonly labels?: string;
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
  const fit = optional(flags.fit, (value) =>
    choose('--fit', value, ['crop', 'squash', 'letterbox'] as const),
  );
  return {
    engine: flags.engine,
    fit,
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
    model: dropUndefined({
      fit,
      inputRange: optional(flags.inputRange, (value) =>
        choose('--input-range', value, ['0..255', '0..1', '-1..1'] as const),
      ),
      mean: optional(flags.mean, (value) => parseTriple('--mean', value)),
      std: optional(flags.std, (value) => parseTriple('--std', value)),
      channelOrder: optional(flags.channels, (value) =>
        choose('--channels', value, ['rgb', 'bgr'] as const),
      ),
      classNames:
        flags.labels === undefined ? undefined : parseLabels(await readLabels(flags.labels)),
    }),
  };
}

async function readLabels(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.noInput, `--labels ${file}: cannot be read (${code})`, {
      cause,
    });
  }
}

function optional<T>(value: string | undefined, parse: (value: string) => T): T | undefined {
  return value === undefined ? undefined : parse(value);
}

function dropUndefined<T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function choose<T extends string>(flag: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new CommandError(exitCodes.usage, `${flag} takes ${choices.join(', ')}; got '${value}'`);
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

function parseTriple(flag: string, value: string): [number, number, number] {
  const numbers = value.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [a, b, c] = numbers;
  if (numbers.length === 3 && numbers.every((number) => Number.isFinite(number))) {
    return [a!, b!, c!];
  }
  throw new CommandError(exitCodes.usage, `${flag} takes three numbers a,b,c; got '${value}'`);
}
