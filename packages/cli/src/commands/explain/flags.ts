import { findMethod, findPreset } from '@gradcam/core';
import type { ResultSettings } from '@gradcam/runs';
import { dropUndefined } from '../../flags/drop-undefined.ts';
import { noFurtherInputs, type FurtherInputs } from '../../models/further-inputs.ts';
import { parseModelFlags, type ModelFlags } from '../../models/model-flags.ts';
import { optional, parseCount, parseRange, splitList } from '../../flags/flag-values.ts';
import { parseEvidenceFlags } from './evidence-flags.ts';
import { parsePictureFlags, type PictureFlags } from './picture-flags.ts';
import { parseWordFlags, type WordFlags } from './word-flags.ts';

/** The flags of `explain` as commander hands them over. */
export interface ExplainFlags extends ModelFlags, PictureFlags, WordFlags {
  readonly model: string;
  readonly out: string;
  readonly method: string;
  readonly target: readonly string[];
  readonly input: readonly string[];
  readonly layer: string;
  readonly engine: string;
  readonly like?: string;
  readonly runs?: string;
  readonly batch?: string;
  readonly threads?: string;
  readonly truth?: string;
  readonly window?: string;
  readonly resume?: boolean;
  readonly null?: boolean;
  readonly models?: string;
  readonly evidence?: boolean;
  readonly evidenceOrders?: string;
  readonly evidenceSteps?: string;
  readonly evidenceSeed?: string;
  readonly queue?: string;
  readonly root?: string;
  readonly jobImages: string;
  readonly jobMegabytes: string;
  readonly detach?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/**
 * The most threads that `--threads` takes. More are no faster on any machine, and ten thousand threads take
 * minutes to start and gigabytes of memory.
 */
const MAX_THREADS = 1024;

/** The flags after checking. */
export interface ExplainSettings extends ResultSettings {
  /** Values of the model's further inputs, beside the picture. */
  readonly inputs: FurtherInputs;
  readonly engine: string;
  readonly threads: number | undefined;
}

/**
 * Checks the flags before any work begins.
 *
 * @throws CommandError 64 naming the flag, the values that it takes and the value given; 66 for a
 *   missing labels file.
 */
export async function parseExplainFlags(flags: ExplainFlags): Promise<ExplainSettings> {
  const model = await parseModelFlags(flags);
  return {
    // The values are read later, when the model is known.
    inputs: noFurtherInputs,
    engine: flags.engine,
    window: optional(flags.window, (value) => parseRange('--window', value)),
    threads: optional(flags.threads, (value) =>
      parseCount('--threads', value, { most: MAX_THREADS }),
    ),
    model,
    explain: dropUndefined({
      // The methods' full names, so that a run can be resumed whichever alias the user types.
      methods: splitList('--method', flags.method).map((name) => findMethod(name).name),
      targets: flags.target.length > 0 ? flags.target : ['top1'],
      layers: splitList('--layer', flags.layer),
      runs: optional(flags.runs, (value) => parseCount('--runs', value)),
      batch: optional(flags.batch, (value) => parseCount('--batch', value)),
      like: optional(flags.like, (value) => findPreset(value).name),
      ...parseWordFlags(flags),
    }),
    evidence: parseEvidenceFlags(flags),
    save: parsePictureFlags(flags),
  };
}
