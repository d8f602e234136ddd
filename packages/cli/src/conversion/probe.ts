import { replaceFile, withDirectoryLock } from '@gradcam/converter/node';
import {
  chooseImageInput,
  findNode,
  loadModel,
  type Model,
  type NdArray,
  type Network,
  type Probe,
} from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { openEngine } from '../models/open-engine.ts';
import { readRecord } from './conversion-record.ts';
import type { Terminal } from '../terminal/messages.ts';
import { drawProbeInput, PROBE_GENERATOR, PROBE_SEED } from './probe-input.ts';

/**
 * The largest difference of a logit that passes, relative to the range of the logits. Correct float32 engines
 * differ by about 1e-6 of the range; a wrong weight or layer changes the logits by far more than this
 * tolerance.
 */
export const PROBE_TOLERANCE = 1e-4;

/** Runs the fixed input through a model and returns the eight largest logits, best first. */
export async function runProbe(
  folder: string,
  engineName: string,
  terminal: Terminal,
): Promise<Probe & { readonly logits: Float32Array }> {
  const engine = await openEngine(engineName, terminal, { once: true });
  const model = await loadModel(
    { ...openModelFolder(folder), readOptional: undefined },
    { engine },
  );
  try {
    const { network, session } = model;
    const image = chooseImageInput(network, { given: [] });
    const inputs = Object.fromEntries(network.inputs.map((name) => [name, onesOf(network, name)]));
    inputs[image] = drawProbeInput(probeInputOf(model));
    const { logits } = await session.run({ inputs, outputs: [] });
    const order = [...logits.data.keys()].sort(
      (a, b) => logits.data[b]! - logits.data[a]! || a - b,
    );
    return {
      generator: PROBE_GENERATOR,
      seed: PROBE_SEED,
      top: order.slice(0, 8).map((index) => [index, logits.data[index]!] as const),
      engine: engine.name,
      tolerance: PROBE_TOLERANCE,
      logits: logits.data,
    };
  } finally {
    model.dispose();
  }
}

/** What goes into a further input. Where words go in as numbers, 1 is one of them. */
function onesOf(network: Network, name: string): NdArray {
  const shape = [1, ...findNode(network, name).shape];
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: new Float32Array(count).fill(1) };
}

/**
 * The input of the probe. A model that does not describe itself gets pixels from 0 to 1, whatever was stated
 * beside it since; else the probe would change with each such statement.
 */
function probeInputOf({ artifact, input }: Model): Parameters<typeof drawProbeInput>[0] {
  if (artifact !== null) return input;
  return { ...input, scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] };
}

/** The eight largest logits of the float32 weights. The probe of a quantised model states them too. */
export type ProbeReference = Probe['top'];

/** Whether our converter wrote the model and recorded no probe yet. */
export async function lacksProbe(folder: string): Promise<boolean> {
  const model = await readRecord(folder);
  return model !== null && model.record.probe === undefined;
}

/**
 * Adds the probe to a complete model. `model.json` is replaced in one step. A model without a record of ours
 * stays as it is.
 *
 * @param reference for quantised weights, the logits of the float32 weights.
 */
export async function addProbe(
  folder: string,
  reference: ProbeReference | null,
  terminal: Terminal,
): Promise<void> {
  const file = path.join(folder, 'model.json');
  const model = await readRecord(folder);
  if (model === null) return;
  const { logits, ...own } = await runProbe(folder, 'auto', terminal);
  const probe = reference === null ? own : { ...own, float32Top: reference };
  // Meanwhile another process may have converted into the folder; then model.json belongs to that process's
  // shards.
  const isSame = await withDirectoryLock(folder, async () => {
    if ((await readFile(file, 'utf8')) !== model.text) return false;
    await replaceFile(file, model.write({ ...model.record, probe }));
    return true;
  });
  if (!isSame) {
    // The other process may have written the same model and added the probe first.
    if (!(await lacksProbe(folder))) return;
    return terminal.note(
      `${folder} was converted again by another process meanwhile; no probe was added`,
    );
  }
  terminal.debug(`probe: ${logits.length} logits, largest ${probe.top[0]?.[1]}`);
  if (reference !== null) {
    const error = compareTop(reference, logits).toExponential(1);
    terminal.note(`quantisation moves the probe's logits by ${error} of their range`);
  }
}

/** Largest difference from the stated logits, relative to the range of all logits. */
export function compareTop(top: Probe['top'], logits: Float32Array): number {
  const [low, high] = logits.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)] as const,
    [Infinity, -Infinity] as const,
  );
  const worst = top.reduce(
    (error, [index, logit]) => Math.max(error, Math.abs((logits[index] ?? Infinity) - logit)),
    0,
  );
  return worst / (high - low || 1);
}
