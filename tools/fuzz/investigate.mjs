// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ChildLost, startChild } from './child.mjs';
import { limitsOf } from './limits.mjs';

/**
 * A mutant with a fault that appeared again when the mutant ran alone in a separate process.
 *
 * @typedef {object} Finding
 * @property {string} target
 * @property {number} campaign
 * @property {number} number of the mutant
 * @property {number[]} steps those of the mutant's steps that the fault needs
 * @property {string} seed
 * @property {string} kind
 * @property {string} cause
 * @property {string} detail
 * @property {string} [stack]
 * @property {number} cpuMs
 * @property {number} growthBytes
 * @property {string} folder that holds its files
 */

/**
 * @typedef {{ target: string, campaign: number, number: number }} Mutant
 * @typedef {{ kind: string, cause: string, detail: string, stack?: string }} Fault
 * @typedef {{ fault: Fault | undefined, reply: import('./worker.mjs').SingleReply | undefined }} Seen
 */

/**
 * Runs a suspect alone, removes the steps that the fault does not need, and writes its files.
 *
 * @param {Mutant} mutant
 * @param {import('./target.mjs').Target} target that the mutant is of
 * @param {string} folder for all findings
 * @returns {Promise<Finding | undefined>} undefined if the fault did not appear again
 */
export async function investigate(mutant, target, folder) {
  const first = await lookAt(mutant, undefined, target);
  const { fault } = first;
  if (fault === undefined) return undefined;
  const count = first.reply?.steps ?? 0;
  const steps = await findNeeded(mutant, fault, count, target);
  const last = steps.length === count ? first : await lookAt(mutant, steps, target);
  const { reply } = last;
  const place = path.join(folder, slugOf(`${mutant.target} ${fault.kind} ${fault.cause}`));
  const finding = {
    ...mutant,
    steps,
    seed: reply?.seedName ?? '',
    ...fault,
    cpuMs: Math.round(reply?.cpuMs ?? 0),
    growthBytes: reply?.growthBytes ?? 0,
    folder: place,
  };
  mkdirSync(place, { recursive: true });
  for (const [name, content] of Object.entries(reply?.files ?? {})) {
    writeFileSync(path.join(place, `input-${slugOf(name)}`), Buffer.from(content, 'base64'));
  }
  writeFileSync(path.join(place, 'finding.json'), `${JSON.stringify(finding, null, 2)}\n`);
  return finding;
}

/**
 * Measures a mutant alone. It is used for the slowest and the largest mutant of a campaign.
 *
 * @param {Mutant} mutant
 */
export async function remeasure(mutant) {
  const { reply } = await runAlone(mutant, undefined);
  return { cpuMs: reply?.cpuMs ?? 0, growthBytes: reply?.growthBytes ?? 0 };
}

/**
 * Removes steps as long as the fault remains.
 *
 * @param {Mutant} mutant
 * @param {Fault} fault
 * @param {number} count
 * @param {import('./target.mjs').Target} target
 */
async function findNeeded(mutant, fault, count, target) {
  let needed = Array.from({ length: count }, (_, i) => i);
  for (const step of needed) {
    const fewer = needed.filter((one) => one !== step);
    if (fewer.length === 0) break;
    const seen = (await lookAt(mutant, fewer, target)).fault;
    if (seen?.kind === fault.kind && seen.cause === fault.cause) needed = fewer;
  }
  return needed;
}

/**
 * @param {Mutant} mutant
 * @param {number[] | undefined} keep steps; undefined for all
 * @param {import('./target.mjs').Target} target
 * @returns {Promise<Seen>}
 */
async function lookAt(mutant, keep, target) {
  const { reply, lost } = await runAlone(mutant, keep);
  if (reply !== undefined) return { fault: findFault(reply, target), reply };
  return { fault: { kind: 'lost', cause: lost, detail: '' }, reply };
}

/**
 * @param {Mutant} mutant
 * @param {number[] | undefined} keep
 * @returns {Promise<{ reply: import('./worker.mjs').SingleReply | undefined, lost: string }>}
 */
async function runAlone(mutant, keep) {
  const child = startChild();
  try {
    const job = /** @type {const} */ ({
      kind: 'single',
      ...mutant,
      ...(keep === undefined ? {} : { keep }),
    });
    return { reply: await child.ask(job), lost: '' };
  } catch (error) {
    if (!(error instanceof ChildLost)) throw error;
    return { reply: undefined, lost: error.message };
  } finally {
    child.end();
  }
}

/**
 * @param {import('./worker.mjs').SingleReply} reply
 * @param {import('./target.mjs').Target} target
 * @returns {Fault | undefined}
 */
function findFault({ outcome, again, cpuMs, wallMs, growthBytes }, target) {
  const { detail, kind } = outcome;
  if (outcome.fault !== undefined) return { ...outcome.fault, detail };
  const limits = limitsOf(target, outcome);
  if (growthBytes > limits.bytes) return { kind: 'memory', cause: kind, detail };
  if (cpuMs > limits.ms || (target.waits && wallMs > limits.ms))
    return { kind: 'time', cause: kind, detail };
  if (kind === again.kind && detail === again.detail) return undefined;
  const both = `${kind} ${detail} | ${again.kind} ${again.detail}`;
  return { kind: 'not the same twice', cause: `${kind}, ${again.kind}`, detail: both };
}

/** @param {string} text */
function slugOf(text) {
  return text.replace(/[^A-Za-z0-9.-]+/g, '-').slice(0, 120);
}
