import { readdirSync, readFileSync } from 'node:fs';

/** What becomes of a layer of others. */
export type Verdict =
  /** By the op set, with Keras's numbers. */
  | 'read'
  /** As another class. */
  | 'as'
  /** It gives out what goes in. */
  | 'nothing'
  /** By the engine of `@gradcam/core/layers` alone. */
  | 'tfjs-layers'
  /** A part of another layer's configuration. */
  | 'part'
  /** A function that Keras saves as a layer; `network/operators.test.ts`. */
  | 'operator'
  | 'refused';

/** A value of an option, alone or with what else the layer is made with. */
export interface ValueWith {
  readonly is: unknown;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly inputs?: readonly (readonly number[])[];
  readonly by?: readonly string[];
}

/** What is done with the values of one option. */
export interface OptionRow {
  readonly read?: readonly unknown[];
  /** Values that no inference depends on. */
  readonly unread?: readonly unknown[];
  readonly refused?: readonly unknown[];
  /** What the refusal says. */
  readonly why?: string;
  readonly note?: string;
  /** The test that has its rows. */
  readonly here?: string;
}

/** One class of docs/tables/layers. */
export interface LayerRow {
  readonly does: Verdict;
  readonly as?: string;
  readonly inputs?: readonly (readonly number[])[];
  readonly with?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, OptionRow>>;
  readonly why?: string;
  readonly note?: string;
}

/** What a program that writes models has. */
interface Program {
  readonly version: string;
  readonly layers: Readonly<Record<string, readonly string[]>>;
  readonly aliases?: Readonly<Record<string, string>>;
  readonly activations?: readonly string[];
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as T;
}

const tables = '../../../../docs/tables';

/** All classes of the tables. */
export const layerTable: ReadonlyMap<string, LayerRow> = new Map(
  readdirSync(new URL(`${tables}/layers`, import.meta.url)).flatMap((file) =>
    Object.entries(
      readJson<{ layers: Record<string, LayerRow> }>(`${tables}/layers/${file}`).layers,
    ),
  ),
);

/** Options that every layer may have; `*_initializer` is a pattern. */
export const commonOptions = readJson<{ options: Record<string, OptionRow> }>(
  `${tables}/common.json`,
).options;

/** Fields beside a layer's configuration. */
export const besideConfig = readJson<{ beside: Record<string, readonly unknown[]> }>(
  `${tables}/common.json`,
).beside;

/** The lists that `tools/oracles` read from the programs themselves. */
export const programs: Readonly<Record<string, Program>> = {
  ...readJson<Record<string, Program>>('../fixtures/tables/keras-options.json'),
  ...readJson<Record<string, Program>>('../fixtures/tables/tfjs-options.json'),
};

/** The row of an option that every layer may have. */
export function findCommon(option: string): OptionRow | undefined {
  const own = commonOptions[option];
  if (own !== undefined) return own;
  const suffix = /_(initializer|regularizer|constraint)$/.exec(option)?.[0];
  return suffix === undefined ? undefined : commonOptions[`*${suffix}`];
}

/** An entry of a row as a value with what belongs to it. */
export function toValue(entry: unknown): ValueWith {
  return typeof entry === 'object' && entry !== null && 'is' in entry
    ? (entry as ValueWith)
    : { is: entry };
}
