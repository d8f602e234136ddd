// @ts-check
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { runCommand, startCommand } from './command.mjs';
import { canMount, leaveRoom, makeAmple, makeReadOnly } from './disks.mjs';

/**
 * @typedef {import('./command.mjs').Ending} Ending
 * @typedef {import('./command.mjs').Running} Running
 * @typedef {import('./scenario.mjs').Around} Around
 * @typedef {import('./scenario.mjs').Scenario} Scenario
 *
 * @typedef {object} Struck
 * @property {Ending[]} endings one, or three if three processes ran at once
 * @property {string[]} problems that appeared while the command ran
 */

/**
 * Runs a scenario's command under a fault, and removes the fault afterwards.
 *
 * @param {import('./faults.mjs').Fault} fault
 * @param {Scenario} scenario
 * @param {Around} around
 * @returns {Promise<Struck>}
 */
export async function inflict(fault, scenario, around) {
  const { site, server } = around;
  const within = site.folder;
  switch (fault.kind) {
    case 'signal':
      return run(scenario, around, {}, async ({ child, done }) => {
        await Promise.race([wait(fault.afterMs), done]);
        child.kill(fault.signal);
      });
    case 'signal-at-file':
      return run(scenario, around, {}, async ({ child }) => {
        const file = path.join(site.folder, fault.file);
        while (child.exitCode === null && child.signalCode === null && !existsSync(file)) {
          await turn();
        }
        child.kill(fault.signal);
      });
    case 'signal-at-call': {
      const plan = /** @type {const} */ ({ within, at: fault.call, act: 'die' });
      return run(scenario, around, { plan: { ...plan, signal: fault.signal } });
    }
    case 'failing-call': {
      const plan = /** @type {const} */ ({ within, at: fault.call, only: 'writes', act: 'fail' });
      return run(scenario, around, { plan: { ...plan, code: 'EIO', lasting: fault.lasting } });
    }
    case 'short-write': {
      const plan = /** @type {const} */ ({ within, at: fault.call, only: 'partial', act: 'short' });
      return run(scenario, around, { plan });
    }
    case 'folder-removed': {
      const folder = path.join(site.folder, fault.folder);
      const plan = /** @type {const} */ ({ within, at: fault.call, only: 'writes', act: 'remove' });
      return run(scenario, around, { plan: { ...plan, folder } });
    }
    case 'file-limit':
      return run(scenario, around, { fileBytes: fault.bytes });
    case 'disk-full':
      leaveRoom(site[fault.place], fault.bytes);
      return run(scenario, around, {}).finally(() => makeAmple(site[fault.place]));
    case 'read-only':
      makeReadOnly(site[fault.place]);
      return run(scenario, around, {}).finally(() => makeAmple(site[fault.place]));
    case 'connection-cut':
      server.cut({ atByte: fault.atByte, times: fault.times });
      return run(scenario, around, {}).finally(() => server.cut(null));
    case 'three-at-once': {
      const { killedAtCall: at } = fault;
      if (at !== null) {
        const plan = /** @type {const} */ ({ within, at, act: 'die', signal: 'SIGKILL' });
        await runCommand(site, scenario.command(around), { plan, env: scenario.env });
      }
      const three = await Promise.all([1, 2, 3].map(() => run(scenario, around, {})));
      return {
        endings: three.flatMap(({ endings }) => endings),
        problems: three.flatMap(({ problems }) => problems),
      };
    }
  }
}

/**
 * @param {Scenario} scenario
 * @param {Around} around
 * @param {NonNullable<Parameters<typeof startCommand>[2]>} how
 * @param {(running: Running) => Promise<void>} [strike] causes a fault from outside while the command runs
 * @returns {Promise<Struck>}
 */
export async function run(scenario, around, how, strike) {
  const args = scenario.command(around);
  const running = startCommand(around.site, args, { ...how, env: scenario.env });
  const driven = scenario.drive?.(running, around) ?? Promise.resolve([]);
  const [ending, problems] = await Promise.all([running.done, driven, strike?.(running)]);
  return { endings: [ending], problems };
}

/**
 * The place that must be a separate disk for a fault; null if none must.
 *
 * @param {import('./faults.mjs').Fault} fault
 * @returns {import('./site.mjs').Place | null}
 */
export function placeOfDisk(fault) {
  const needsOne = fault.kind === 'disk-full' || fault.kind === 'read-only';
  return needsOne && canMount ? fault.place : null;
}
