import { foreignRuntime, type ModelDescription } from '@gradcam/core';
import { findModelJson, findOnnxPath, openModelFolder } from '@gradcam/core/node';
import { checkSameSettings, createImageReader, describeSettings } from '@gradcam/runs';
import { FleetError, type Plan, type PlannedModel, type SharedRoot } from '@gradcam/service/fleet';
import { createHash } from 'node:crypto';
import { optional, parseCount } from '../../flags/flag-values.ts';
import { takeThread } from '../../model-thread/spawn-thread.ts';
import { startModelThread, type ModelThread } from '../../model-thread/start-model-thread.ts';
import { checkEngine } from '../../models/check-capabilities.ts';
import { describeAnyModel } from '../../models/describe-any.ts';
import { startWeightsDigest } from '../../models/digest-weights.ts';
import { findModel, folderOfModel } from '../../models/find-model.ts';
import { resolveModel } from '../../models/resolve-model.ts';
import type { Terminal } from '../../terminal/messages.ts';

/** The flags that say where a worker's models are and how they run. */
export interface HolderFlags {
  readonly model?: string;
  readonly models?: string;
  readonly engine: string;
  readonly threads?: string;
}

/** Holds the model of the plan that a worker works on. */
export interface ModelHolder {
  /** Loads the model of a plan; the model of another plan is freed before. */
  open(plan: Plan, digest: string): Promise<PlannedModel>;
  /** Whether the model of the plan with this digest is loaded. */
  holds(digest: string): boolean;
  close(): Promise<void>;
}

/** As many threads as `explain` takes. */
const MAX_THREADS = 1024;

/** @throws CommandError 64 for a wrong number of threads. */
export function createModelHolder(
  flags: HolderFlags,
  root: SharedRoot,
  terminal: Terminal,
): ModelHolder {
  const threads = optional(flags.threads, (value) =>
    parseCount('--threads', value, { most: MAX_THREADS }),
  );
  let held: { readonly digest: string; readonly opened: PlannedModel } | null = null;
  let thread: ModelThread | null = null;

  const open = async (plan: Plan): Promise<PlannedModel> => {
    const folder = await findPlanned(plan, flags, root, terminal);
    const model = await describePlanned(plan, folder);
    checkEngine(model, flags.engine);
    const { overrides, inputs } = plan;
    const runtime = foreignRuntime(model.network);
    const { engine } = flags;
    thread = startModelThread(
      { folder, engine, runtime, threads, overrides, inputs: inputs.values },
      terminal,
      takeThread(),
    );
    const { engine: found } = await thread.ready;
    if (found !== plan.engine) {
      terminal.note(
        `assumed: ${found} may explain a run that was planned with ${plan.engine}; engines agree to about 1e-5 of a map's scale; --engine chooses another`,
      );
    }
    return { model, thread, read: createImageReader(undefined, model.input, plan.window) };
  };

  const close = async (): Promise<void> => {
    held = null;
    await thread?.close();
    thread = null;
  };

  return {
    close,
    holds: (digest) => held?.digest === digest,
    async open(plan, digest) {
      if (held?.digest === digest) return held.opened;
      await close();
      try {
        held = { digest, opened: await open(plan) };
      } catch (error) {
        await close();
        throw error;
      }
      return held.opened;
    },
  };
}

/** Where the plan's model is on this machine. */
async function findPlanned(
  { model }: Plan,
  flags: HolderFlags,
  root: SharedRoot,
  terminal: Terminal,
): Promise<string> {
  if (flags.model !== undefined) return resolveModel(flags.model, flags.models, terminal);
  if (model.place !== undefined) {
    const place = await root.resolve(model.place);
    if ((findModelJson(place) ?? findOnnxPath(place)) !== null) return place;
  }
  return findModel(model.id, flags.models);
}

/**
 * Describes the model and compares it with the plan's.
 *
 * @throws FleetError `refused` for another model, or other files beside it.
 */
async function describePlanned(plan: Plan, folder: string): Promise<ModelDescription> {
  const files = openModelFolder(folder);
  const model = await describeAnyModel(files, plan.overrides);
  const main = await files.readFile(files.onnx ?? 'model.json');
  const digest = createHash('sha256').update(main).digest('hex');
  const weights = await startWeightsDigest(folderOfModel(folder), main, files.onnx).settle();
  const { settings } = plan;
  if (digest !== plan.model.digest || weights !== plan.model.weights) {
    const what = digest === plan.model.digest ? 'other weights' : 'another model.json';
    const [expected, got] =
      digest === plan.model.digest
        ? [plan.model.weights ?? '', weights]
        : [plan.model.digest, digest];
    throw new FleetError(
      'refused',
      `${folder}: this worker has ${what} than the run (sha256 ${expected.slice(0, 8)} expected, ${got.slice(0, 8)} found); give it the run's model ${plan.model.id} with --model`,
    );
  }
  const now = describeSettings(
    {
      explain: { ...plan.explain, targets: settings.targets },
      ...{ save: plan.save, model: plan.overrides, inputs: plan.inputs },
      ...{ window: plan.window, evidence: plan.evidence },
    },
    model,
    { truth: settings.truth, references: settings.references, questions: settings.questions },
  );
  try {
    checkSameSettings(folder, plan, { settings: now, model: plan.model }, () => {});
  } catch (cause) {
    const { message } = cause as Error;
    throw new FleetError('refused', `this worker has other settings than the run: ${message}`, {
      cause,
    });
  }
  return model;
}
