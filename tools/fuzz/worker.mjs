// @ts-check
/**
 * The process in which mutants run. It answers each message with one message. A file holds the number of the
 * mutant at work, so that the parent knows it even if no answer comes.
 */
import { openSync, writeSync } from 'node:fs';
import { limitsOf, MAX_GROWTH_BYTES } from './limits.mjs';
import { measure, peakBytes } from './measure.mjs';
import { makeMutant, planMutant } from './mutant.mjs';
import { createRandom } from './random.mjs';
import { createTally } from './tally.mjs';
import { loadTarget } from './targets/registry.mjs';

/**
 * A range of mutants, or a single one of which only some steps are taken.
 *
 * @typedef {{ kind: 'batch', target: string, campaign: number, from: number, to: number }} BatchJob
 * @typedef {{ kind: 'single', target: string, campaign: number, number: number, keep?: number[] }} SingleJob
 * @typedef {{ number: number, kind: string, cause: string, detail: string, stack?: string }} Suspect
 * @typedef {{ tally: import('./tally.mjs').Tally, suspects: Suspect[], grown: boolean }} BatchReply
 * @typedef {{ outcome: import('./oracle.mjs').Outcome, again: import('./oracle.mjs').Outcome,
 * cpuMs: number, wallMs: number, growthBytes: number, steps: number, files: Record<string, string>,
 * open: string, seedName: string }} SingleReply
 */

/** The share of refusals that are run a second time. Values are always run twice. */
const AGAIN_SHARE = 1 / 8;
/**
 * A process that has grown by this much is ended, because in it the peak of a later mutant would not show.
 */
const RECYCLE_BYTES = MAX_GROWTH_BYTES / 2;
/** The number of runs of a single mutant. The shortest time counts as the mutant's own. */
const SINGLE_RUNS = 3;
/** The most suspects that a batch reports for one cause. */
const SUSPECTS_PER_CAUSE = 3;

const heartbeat = openSync(String(process.argv[2]), 'w');
/**
 * @type {Map<string, { target: import('./target.mjs').Target, started:
 * import('./target.mjs').Started, wholes: Map<number, string>, base: number }>}
 */
const running = new Map();

// The console is silenced, because the parent would take a library's warning for an answer.
for (const name of /** @type {const} */ (['log', 'info', 'warn', 'error', 'debug']))
  console[name] = () => {};
/** @type {unknown[]} */
const strays = [];
process.on('unhandledRejection', (reason) => strays.push(reason));
process.on('uncaughtException', (error) => strays.push(error));

process.on('message', async (/** @type {BatchJob | SingleJob} */ job) => {
  try {
    process.send?.(job.kind === 'batch' ? await runBatch(job) : await runSingle(job));
  } catch (error) {
    process.send?.({ failed: error instanceof Error ? error.stack : String(error) });
  }
});

let beats = 0;

/**
 * Records for the parent that a mutant begins.
 *
 * @param {number} number
 */
function beat(number) {
  beats += 1;
  writeSync(heartbeat, `${number} ${beats}`.padEnd(32), 0);
}

/** @param {string} name */
async function warmUp(name) {
  const known = running.get(name);
  if (known !== undefined) return known;
  const target = await loadTarget(name);
  const started = await target.start();
  /** @type {Map<number, string>} */
  const wholes = new Map();
  for (let round = 0; round < 2; round++) {
    for (const [index, seed] of started.seeds.entries()) {
      const { outcome } = await measure(started, seed);
      wholes.set(index, `${outcome.kind} ${outcome.detail}`);
    }
  }
  globalThis.gc?.();
  const warm = { target, started, wholes, base: peakBytes() };
  running.set(name, warm);
  return warm;
}

/**
 * @param {BatchJob} job
 * @returns {Promise<BatchReply>}
 */
async function runBatch({ target: name, campaign, from, to }) {
  const { target, started, wholes, base } = await warmUp(name);
  const tally = createTally();
  /** @type {Suspect[]} */
  const suspects = [];
  /** @param {Suspect} suspect */
  const suspect = (suspect) => {
    const same = suspects.filter(
      ({ kind, cause }) => kind === suspect.kind && cause === suspect.cause,
    );
    if (same.length < SUSPECTS_PER_CAUSE) suspects.push(suspect);
  };
  let peak = peakBytes();
  for (let number = from; number < to; number++) {
    beat(number);
    const plan = planMutant(target, started.seeds.length, campaign, number);
    const mutant = makeMutant(target, started.seeds, plan);
    const first = await measure(started, mutant);
    const { outcome } = first;
    const growth = first.peakBytes - Math.max(peak, base);
    tally.add(number, outcome.kind, first.cpuMs, Math.max(0, first.peakBytes > peak ? growth : 0));
    const limits = limitsOf(target, outcome);
    if (first.peakBytes - base > limits.bytes && first.peakBytes > peak) {
      suspect({ number, kind: 'memory', cause: outcome.kind, detail: outcome.detail });
    }
    peak = Math.max(peak, first.peakBytes);
    if (first.cpuMs > limits.ms || (target.waits && first.wallMs > limits.ms)) {
      suspect({ number, kind: 'time', cause: outcome.kind, detail: outcome.detail });
    }
    if (outcome.fault !== undefined) suspect({ number, ...outcome.fault, detail: outcome.detail });
    const isValue = outcome.kind === 'value';
    if (
      isValue &&
      plan.damaged &&
      target.wholeOrRefused &&
      wholes.get(plan.seed) !== `value ${outcome.detail}`
    ) {
      suspect({
        number,
        kind: 'disagreement',
        cause: 'damaged bytes read as other values',
        detail: '',
      });
    }
    if (isValue || createRandom(plan.steps[0]).chance(AGAIN_SHARE)) {
      const again = await measure(started, mutant);
      if (again.outcome.kind !== outcome.kind || again.outcome.detail !== outcome.detail) {
        const detail = `${outcome.kind} ${outcome.detail} | ${again.outcome.kind} ${again.outcome.detail}`;
        suspect({
          number,
          kind: 'not the same twice',
          cause: `${outcome.kind}, ${again.outcome.kind}`,
          detail,
        });
      }
    }
    for (const stray of strays.splice(0)) {
      const stack = stray instanceof Error ? stray.stack : undefined;
      suspect({
        number,
        kind: 'stray error',
        cause: String(stray).split('\n')[0],
        detail: '',
        ...(stack === undefined ? {} : { stack }),
      });
    }
  }
  globalThis.gc?.();
  return { tally: tally.counted, suspects, grown: peakBytes() - base > RECYCLE_BYTES };
}

/**
 * Runs one mutant in a separate process, so that the time and the growth are this mutant's own.
 *
 * @param {SingleJob} job
 * @returns {Promise<SingleReply>}
 */
async function runSingle({ target: name, campaign, number, keep }) {
  const { target, started, wholes } = await warmUp(name);
  const whole = planMutant(target, started.seeds.length, campaign, number);
  const steps = keep === undefined ? whole.steps : keep.map((step) => whole.steps[step]);
  const mutant = makeMutant(target, started.seeds, { ...whole, steps });
  const base = peakBytes();
  const runs = [];
  for (let run = 0; run < SINGLE_RUNS && runs.at(-1)?.outcome.kind !== 'never'; run++) {
    beat(number);
    runs.push(await measure(started, mutant));
  }
  const [first, second = first] = runs;
  const [stray] = strays.splice(0);
  const outcome = stray === undefined ? first.outcome : strayOutcome(stray);
  const isOther = whole.damaged && target.wholeOrRefused && outcome.kind === 'value';
  if (isOther && wholes.get(whole.seed) !== `value ${outcome.detail}`) {
    outcome.fault = { kind: 'disagreement', cause: 'damaged bytes read as other values' };
  }
  return {
    outcome,
    again: second.outcome,
    cpuMs: Math.min(...runs.map(({ cpuMs }) => cpuMs)),
    wallMs: Math.min(...runs.map(({ wallMs }) => wallMs)),
    growthBytes: Math.max(0, first.peakBytes - base),
    steps: whole.steps.length,
    files: Object.fromEntries(
      Object.entries(mutant.files).map(([file, bytes]) => [
        file,
        Buffer.from(bytes).toString('base64'),
      ]),
    ),
    open: mutant.open,
    seedName: mutant.name,
  };
}

/**
 * @param {unknown} stray
 * @returns {import('./oracle.mjs').Outcome}
 */
function strayOutcome(stray) {
  const cause = String(stray).split('\n')[0];
  const stack = stray instanceof Error ? stray.stack : undefined;
  const fault = { kind: 'stray error', cause, ...(stack === undefined ? {} : { stack }) };
  return { kind: 'stray error', detail: cause, fault };
}
