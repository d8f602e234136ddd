import type { ExplainOptions, ModelOverrides, RunFile } from '@gradcam/core';
import { PARTS_FOLDER, type EvidenceSettings, type SaveSettings } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import Type from 'typebox';
import { Check } from 'typebox/value';
import { FleetError } from './fleet-error.ts';

/**
 * Everything that a worker must know to explain images exactly as the program that planned the run would. It
 * lies in the run's folder as `parts/plan.json`, and each job states its sha256.
 */
export interface Plan {
  readonly schema: 1;
  /** The model with its digests. `place` is its path relative to the shared folder, where it lies inside. */
  readonly model: RunFile['model'] & { readonly place?: string };
  /** The settings as `run.json` states them; a worker's own must be equal. */
  readonly settings: RunFile['settings'];
  readonly engine: string;
  readonly explain: ExplainOptions;
  readonly save: SaveSettings;
  readonly overrides: ModelOverrides;
  /** Values of the model's further inputs, with their digests. */
  readonly inputs: {
    readonly values: NonNullable<ExplainOptions['inputs']>;
    readonly digests: Readonly<Record<string, string>>;
  };
  readonly window?: readonly [from: number, to: number];
  readonly evidence?: EvidenceSettings;
  /** Whether the true class is explained in addition, where it is not the top class. */
  readonly explainsTruth: boolean;
  /** sha256 of `parts/jobs.jsonl`, which lists the images of each part. */
  readonly jobs: string;
  readonly count: { readonly jobs: number; readonly images: number };
}

/** A plan takes some kilobytes, or some megabytes with a model's further inputs or many class names. */
const MAX_PLAN_BYTES = 2 ** 27;

const text = Type.String();
const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const whole = Type.Integer({ minimum: 0 });
const anything = Type.Record(Type.String(), Type.Unknown());

/** The names and numbers in the settings are checked where they are used: core and runs refuse others. */
const planShape = Type.Object({
  schema: Type.Literal(1),
  model: Type.Object({
    ...{ id: text, path: text, digest: sha256, weights: sha256 },
    place: Type.Optional(text),
  }),
  ...{ settings: anything, engine: text, explain: anything, overrides: anything, save: anything },
  inputs: Type.Object({ values: anything, digests: Type.Record(Type.String(), sha256) }),
  window: Type.Optional(Type.Tuple([Type.Number(), Type.Number()])),
  evidence: Type.Optional(Type.Object({ orders: whole, steps: whole, seed: whole })),
  explainsTruth: Type.Boolean(),
  jobs: sha256,
  count: Type.Object({ jobs: whole, images: whole }),
});

/** Where a run's plan lies. */
export function planFile(run: string): string {
  return path.join(run, PARTS_FOLDER, 'plan.json');
}

/** The plan as its file holds it. Arrays of numbers are written in base64, bit by bit. */
export function encodePlan(plan: Plan): { readonly text: string; readonly digest: string } {
  const text = `${JSON.stringify(plan, (_, value: unknown) =>
    value instanceof Float32Array ? { float32: encodeFloats(value) } : value,
  )}\n`;
  return { text, digest: digestText(text) };
}

/**
 * Reads the plan of a run.
 *
 * @param digest the sha256 that the job states.
 * @throws FleetError `obsolete` where the run has no plan any more, or another; `data` for a damaged one.
 */
export async function readPlan(run: string, digest: string): Promise<Plan> {
  const file = planFile(run);
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : null),
    () => null,
  );
  if (size === null) {
    throw new FleetError('obsolete', `${run}: the run waits for no worker any more (no plan.json)`);
  }
  if (size > MAX_PLAN_BYTES) {
    throw new FleetError(
      'data',
      `${file}: expected at most ${MAX_PLAN_BYTES} bytes, found ${size}`,
    );
  }
  const text = await readFile(file, 'utf8');
  if (digestText(text) !== digest) {
    throw new FleetError('obsolete', `${run}: the run was planned anew since this job was made`);
  }
  const value = parseJson(text);
  if (!Check(planShape, value)) {
    throw new FleetError('data', `${file}: is not a plan that this version of gradcam can read`);
  }
  return value as unknown as Plan;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) => {
      const packed = (value as { float32?: unknown } | null)?.float32;
      return typeof packed === 'string' ? decodeFloats(packed) : value;
    });
  } catch {
    return null;
  }
}

function encodeFloats({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function decodeFloats(text: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer, 0, Math.floor(bytes.byteLength / 4));
}

function digestText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The jobs of the plan that an earlier start left in the folder of a run; null where there is none that can
 * be read. They may still be in the queue.
 */
export async function readLeftPlan(
  run: string,
): Promise<{ readonly plan: string; readonly part: number }[] | null> {
  const text = await readFile(planFile(run), 'utf8').catch(() => null);
  const value = text === null ? null : parseJson(text);
  if (text === null || !Check(planShape, value)) return null;
  const plan = digestText(text);
  return Array.from({ length: value.count.jobs }, (_, part) => ({ plan, part }));
}
