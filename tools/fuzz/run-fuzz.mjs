// @ts-check
/**
 * `node tools/fuzz/run-fuzz.mjs [--mutants 1000000] [--seed 1] [--slice 50000] [--target <name>].. [--resume
 * <state.json>] [--seconds <n>] [--workers 2] [--findings <folder>] [--quick]`: gives mutants of all kinds of
 * input to their readers. Each reader must end with a value or with one of our own errors, in a short time
 * and with little memory. See docs/fuzzing.md.
 *
 * A JSON summary goes to stdout, and progress to a terminal. The exit code is 1 if there are findings.
 */
import { setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runSlice } from './campaign.mjs';
import { createProgress } from './progress.mjs';
import { openState } from './state.mjs';
import { summarise } from './summary.mjs';
import { loadTarget, loadTargets } from './targets/registry.mjs';

const NICE = 10;

const { values } = parseArgs({
  options: {
    mutants: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    slice: { type: 'string', default: '50000' },
    target: { type: 'string', multiple: true },
    resume: { type: 'string' },
    seconds: { type: 'string', default: 'Infinity' },
    workers: { type: 'string', default: '2' },
    quick: { type: 'boolean', default: false },
    findings: { type: 'string', default: path.join(tmpdir(), 'gradcam-fuzz-findings') },
  },
});

// Somebody waits for a quick run. Behind other work its servers would seem slow, too.
if (!values.quick) setPriority(NICE);
const targets = await (values.target === undefined
  ? loadTargets()
  : Promise.all(values.target.map(loadTarget)));
const mutants = Number(values.mutants);
const shares = targets.reduce((sum, { share }) => sum + share, 0);
const state = openState(Number(values.seed), values.resume);
const before = state.seconds;
const start = performance.now();

let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});
const seconds = () => (performance.now() - start) / 1000;
const isOver = () => stopped || seconds() > Number(values.seconds);
const progress = createProgress(state, mutants);
const keep = () => {
  state.seconds = before + seconds();
  if (values.resume !== undefined) state.save(values.resume);
  progress.show();
};

for (let done = 0; done < mutants && !isOver();) {
  done = Math.min(mutants, done + Number(values.slice));
  const until = Object.fromEntries(
    targets.map(({ name, share }) => [name, Math.ceil((done * share) / shares)]),
  );
  await runSlice(state, {
    ...{ targets, until, workers: Number(values.workers), findings: values.findings, isOver },
    onProgress: keep,
  });
}
keep();
progress.end();
process.stdout.write(`${JSON.stringify(await summarise(state, !values.quick), null, 2)}\n`);
process.exitCode = state.findings.length > 0 ? 1 : 0;
