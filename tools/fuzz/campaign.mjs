// @ts-check
import { ChildLost, startChild } from './child.mjs';
import { investigate } from './investigate.mjs';

/**
 * A part of a slice that one process runs.
 *
 * @typedef {{ target: import('./target.mjs').Target, from: number, to: number }} Batch
 */

/** The number of mutants that a process runs before it reports. */
const BATCH = 1000;

/**
 * Runs the next mutants of each target until `state` has as many as it should have, or until `isOver` returns
 * true.
 *
 * @param {import('./state.mjs').State} state is brought up to date after every batch
 * @param {object} options
 * @param {readonly import('./target.mjs').Target[]} options.targets
 * @param {Readonly<Record<string, number>>} options.until target to how many mutants it has had in all
 * @param {number} options.workers
 * @param {string} options.findings folder
 * @param {() => boolean} options.isOver
 * @param {() => void} options.onProgress
 */
export async function runSlice(state, { targets, until, workers, findings, isOver, onProgress }) {
  const waiting = [...targets];
  const work = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      // A process runs only one target. Otherwise the memory that an earlier target left would hide the
      // growth that this one causes.
      let child = startChild();
      try {
        for (const batch of listBatches(target, state.done[target.name] ?? 0, until[target.name])) {
          if (isOver()) return;
          child = await runBatch(batch, child, state, findings);
          onProgress();
        }
      } finally {
        child.end();
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
}

/**
 * @param {import('./target.mjs').Target} target
 * @param {number} done
 * @param {number} until
 * @returns {Batch[]}
 */
function listBatches(target, done, until) {
  const batches = [];
  for (let from = done; from < until; from += BATCH) {
    batches.push({ target, from, to: Math.min(until, from + BATCH) });
  }
  return batches;
}

/**
 * Runs a batch. If a mutant ends its process, that mutant is investigated alone and the rest of the batch
 * continues in a new process.
 *
 * @param {Batch} batch
 * @param {import('./child.mjs').Child} child
 * @param {import('./state.mjs').State} state
 * @param {string} findings
 * @returns {Promise<import('./child.mjs').Child>} the process that continues
 */
async function runBatch(batch, child, state, findings) {
  const { target, from, to } = batch;
  if (from >= to) return child;
  const { seed: campaign } = state;
  try {
    /** @type {import('./worker.mjs').BatchReply} */
    const reply = await child.ask({ kind: 'batch', target: target.name, campaign, from, to });
    state.add(target.name, reply.tally);
    for (const suspect of reply.suspects) await follow(suspect, target, state, findings);
    if (!reply.grown) return child;
    child.end();
    return startChild();
  } catch (error) {
    child.end();
    if (!(error instanceof ChildLost) || error.number < from || error.number >= to) throw error;
    const { number } = error;
    await follow(
      { number, kind: 'lost', cause: error.message, detail: '' },
      target,
      state,
      findings,
    );
    const lost = {
      mutants: 1,
      outcomes: { lost: 1 },
      slowest: { number, cpuMs: 0 },
      largest: { number, bytes: 0 },
    };
    let next = await runBatch({ target, from, to: number }, startChild(), state, findings);
    state.add(target.name, lost);
    next = await runBatch({ target, from: number + 1, to }, next, state, findings);
    return next;
  }
}

/**
 * Investigates a suspect, only once for each cause.
 *
 * @param {import('./worker.mjs').Suspect} suspect
 * @param {import('./target.mjs').Target} target
 * @param {import('./state.mjs').State} state
 * @param {string} folder
 */
async function follow({ number, ...suspected }, target, state, folder) {
  const key = `${target.name} ${suspected.kind} ${suspected.cause}`;
  if (!state.isNew(key)) return;
  const mutant = { target: target.name, campaign: state.seed, number };
  const finding = await investigate(mutant, target, folder);
  if (finding === undefined) {
    state.noise.push({ ...mutant, kind: suspected.kind, cause: suspected.cause });
    return;
  }
  if (
    state.isNew(`${target.name} ${finding.kind} ${finding.cause}`) ||
    suspected.cause === finding.cause
  ) {
    state.findings.push(finding);
  }
}
