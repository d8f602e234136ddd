import { findMethod, type ModelOverrides } from '@gradcam/core';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import { choose } from '../../flags/choose.ts';
import { parseCount, splitList } from '../../flags/flag-values.ts';
import { replacementKinds, scoreKinds } from '../../metrics/metric-choices.ts';
import { parseModelFlags, type ModelFlags } from '../../models/model-flags.ts';
import {
  defaultMetrics,
  metricNames,
  regionMetrics,
  type MetricGroup,
} from '../../metrics/metrics.ts';

/** The flags of `evaluate` as commander hands them over. */
export interface EvaluateFlags extends Omit<ModelFlags, 'boxes' | 'output' | 'explainInput'> {
  readonly model: string;
  readonly models?: string;
  readonly out?: string;
  readonly method?: string;
  readonly layer?: string;
  readonly target: readonly string[];
  readonly metric?: string;
  readonly boxes?: string;
  readonly ask?: string;
  readonly questions?: string;
  readonly score: string;
  readonly steps: string;
  readonly replace: string;
  readonly seed: string;
  readonly runs?: string;
  readonly batch: string;
  readonly engine: string;
  readonly threads?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** The flags after checking. A field is undefined if the run or the annotations decide it. */
export interface EvaluateSettings {
  readonly model: ModelOverrides;
  readonly methods: readonly string[] | undefined;
  readonly layer: string | undefined;
  readonly targets: readonly string[] | undefined;
  readonly metrics: readonly MetricGroup[];
  readonly score: (typeof scoreKinds)[number];
  readonly steps: number;
  readonly replacement: (typeof replacementKinds)[number];
  readonly seed: number;
  readonly runs: number | undefined;
  readonly batch: number;
  readonly threads: number | undefined;
}

/** The largest seed: the random generator takes 32 bits. */
const MAX_SEED = 2 ** 32 - 1;

/**
 * Checks the flags before any work begins.
 *
 * @throws CommandError 64 naming the flag, the values that it takes and the value given; 66 for a
 *   missing labels file.
 */
export async function parseEvaluateFlags(flags: EvaluateFlags): Promise<EvaluateSettings> {
  // For other commands `--boxes` says how a detector's boxes are read; here it names the true boxes.
  const { boxes, ...modelFlags } = flags;
  const metrics =
    flags.metric === undefined
      ? [...defaultMetrics, ...(boxes === undefined ? [] : regionMetrics)]
      : splitList('--metric', flags.metric).map((name) => choose('--metric', name, metricNames));
  const needy = metrics.find((name) => regionMetrics.includes(name));
  if (needy !== undefined && boxes === undefined) {
    throw new CommandError(
      exitCodes.usage,
      `--metric ${needy} needs to know where the objects are; give --boxes with a COCO file, a folder of VOC files or a folder of masks`,
    );
  }
  return {
    model: await parseModelFlags(modelFlags),
    methods:
      flags.method === undefined
        ? undefined
        : [...new Set(splitList('--method', flags.method).map((name) => findMethod(name).name))],
    layer: flags.layer,
    targets: flags.target.length === 0 ? undefined : flags.target,
    metrics: [...new Set(metrics)],
    score: choose('--score', flags.score, scoreKinds),
    steps: parseCount('--steps', flags.steps),
    replacement: choose('--replace', flags.replace, replacementKinds),
    seed: parseCount('--seed', flags.seed, { least: 0, most: MAX_SEED }),
    runs: flags.runs === undefined ? undefined : parseCount('--runs', flags.runs),
    batch: parseCount('--batch', flags.batch),
    threads: flags.threads === undefined ? undefined : parseCount('--threads', flags.threads),
  };
}
