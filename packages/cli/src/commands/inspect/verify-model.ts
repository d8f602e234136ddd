import { describeModel } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PROBE_GENERATOR, PROBE_SEED } from '../../conversion/probe-input.ts';
import { readRecord } from '../../conversion/conversion-record.ts';
import { compareTop, runProbe } from '../../conversion/probe.ts';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import type { Terminal } from '../../terminal/messages.ts';

/** The findings of `inspect --verify`. The model is right when `failures` is empty. */
export interface Verification {
  readonly shards: number;
  readonly engine: string;
  /**
   * Largest difference between the probe's logits and the computed ones, relative to their range; null
   * without a probe.
   */
  readonly probeError: number | null;
  readonly tolerance: number | null;
  /**
   * For quantised weights, the largest difference from the logits of the float32 weights, relative to the
   * range.
   */
  readonly quantisationError: number | null;
  readonly failures: readonly string[];
}

/**
 * Checks a converted model against what its conversion recorded: the digest of every shard, and the logits of
 * the fixed input on the given engine.
 *
 * @throws CommandError 65 for a model that records nothing to check, because our converter did not write it.
 */
export async function verifyModel(
  folder: string,
  engineName: string,
  terminal: Terminal,
): Promise<Verification> {
  const model = await readRecord(folder);
  if (model === null) {
    throw new CommandError(
      exitCodes.badData,
      `${folder}: made by another program, so there are no digests and no probe to verify`,
    );
  }
  // Its description is checked, where it has one.
  if (model.isDescribed) await describeModel(openModelFolder(folder));
  const failures: string[] = [];
  const shards = Object.entries(model.record.shards);
  for (const [name, expected] of shards) {
    const found = await digestFile(path.join(folder, path.basename(name)));
    if (found !== expected) {
      failures.push(`shard ${name}: expected sha256 ${expected}, found ${found ?? 'no file'}`);
    }
  }
  const { probe } = model.record;
  const canRun = failures.length === 0 && probe !== undefined;
  if (!canRun) {
    return {
      shards: shards.length,
      engine: 'none',
      probeError: null,
      tolerance: probe?.tolerance ?? null,
      quantisationError: null,
      failures,
    };
  }
  if (probe.generator !== PROBE_GENERATOR || probe.seed !== PROBE_SEED) {
    failures.push(
      `probe: this version cannot make the probe's input (${probe.generator} ${probe.seed})`,
    );
  }
  const { logits, engine } = await runProbe(folder, engineName, terminal);
  const probeError = compareTop(probe.top, logits);
  if (!(probeError <= probe.tolerance)) {
    failures.push(
      `probe: logits differ by ${probeError.toExponential(1)} of their range, expected at most ${probe.tolerance}`,
    );
  }
  const quantisationError =
    probe.float32Top === undefined ? null : compareTop(probe.float32Top, logits);
  return {
    shards: shards.length,
    engine,
    probeError,
    tolerance: probe.tolerance,
    quantisationError,
    failures,
  };
}

async function digestFile(file: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch {
    return null;
  }
  return hash.digest('hex');
}
