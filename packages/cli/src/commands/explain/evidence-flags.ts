import {
  countClasses,
  findMethod,
  mainHead,
  readTargets,
  type ExplainOptions,
  type ModelDescription,
} from '@gradcam/core';
import { countEvidencePasses, defaultEvidence, type EvidenceSettings } from '@gradcam/runs';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import { parseCount } from '../../flags/flag-values.ts';

/** The flags of the evidence, as commander hands them over. */
export interface EvidenceFlags {
  readonly evidence?: boolean;
  readonly evidenceOrders?: string;
  readonly evidenceSteps?: string;
  readonly evidenceSeed?: string;
}

/** A million forward passes for one map take longer than anybody waits. */
const MAX_COUNT = 1000;

/** The largest seed: random maps take the seeds after it, and the generator takes 32 bits. */
const MAX_SEED = 2 ** 32 - 1 - MAX_COUNT;

/**
 * How maps are examined; undefined where no evidence was asked for.
 *
 * @throws CommandError 64 for a value out of range, and for a setting of evidence that was not asked for.
 */
export function parseEvidenceFlags({
  evidence,
  evidenceOrders,
  evidenceSteps,
  evidenceSeed,
}: EvidenceFlags): EvidenceSettings | undefined {
  const given = Object.entries({ evidenceOrders, evidenceSteps, evidenceSeed });
  const [stated] = given.find(([, value]) => value !== undefined) ?? [];
  if (evidence !== true) {
    if (stated === undefined) return undefined;
    const flag = stated.replace('evidence', 'evidence-').toLowerCase();
    throw new CommandError(exitCodes.usage, `--${flag} needs --evidence`);
  }
  const read = (
    flag: string,
    value: string | undefined,
    fallback: number,
    least: number,
    most: number,
  ) => (value === undefined ? fallback : parseCount(flag, value, { least, most }));
  const { orders, steps, seed } = defaultEvidence;
  return {
    orders: read('--evidence-orders', evidenceOrders, orders, 1, MAX_COUNT),
    steps: read('--evidence-steps', evidenceSteps, steps, 1, MAX_COUNT),
    seed: read('--evidence-seed', evidenceSeed, seed, 0, MAX_SEED),
  };
}

/** Says what evidence costs, before any of it is computed. */
export function describeEvidenceCost(
  settings: EvidenceSettings,
  { methods = [], layers = [], targets = [], batch = 8 }: ExplainOptions,
  { classNames, network }: Pick<ModelDescription, 'classNames' | 'network'>,
): string {
  const found = methods.map(findMethod);
  const atLayer = found.filter(({ usesLayer }) => usesLayer).length;
  const head = mainHead(network);
  const count =
    countClasses(head) === 0 ? 1 : readTargets(targets, found, classNames, head).specs.length;
  const maps = count * (atLayer * Math.max(1, layers.length) + found.length - atLayer);
  const passes = countEvidencePasses(settings);
  const each =
    maps === 1 ? '' : `, ${(maps * passes).toLocaleString('en')} for the ${maps} maps of an image`;
  return `evidence: ${passes.toLocaleString('en')} forward passes for each map${each}, ${batch} at a time, and each map once more with noise as the model's weights; --evidence-orders and --evidence-steps make it less`;
}
