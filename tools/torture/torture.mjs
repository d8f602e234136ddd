// @ts-check
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checkEnding } from './checks/ending.mjs';
import { compareBytes, compareNames, LEFT, LOST, readTree } from './checks/tree.mjs';
import { openAll } from './checks/whole-files.mjs';
import { runCommand, startCommand } from './command.mjs';
import { mountDisk, unmountAll } from './disks.mjs';
import { allowedEndings, drawFault, listKinds } from './faults.mjs';
import { inflict, placeOfDisk } from './inflict.mjs';
import { measure } from './measure.mjs';
import { createRandom } from './random.mjs';
import { surroundShared } from './scenario.mjs';
import { makeSite } from './site.mjs';

/**
 * @typedef {import('./checks/tree.mjs').Tree} Tree
 * @typedef {import('./faults.mjs').Fault} Fault
 * @typedef {import('./faults.mjs').Measures} Measures
 * @typedef {import('./scenario.mjs').Scenario} Scenario
 * @typedef {import('./scenario.mjs').Around} Around
 * @typedef {import('./site.mjs').Site} Site
 *
 * @typedef {object} Bench the resources that all faults share
 * @property {string} folder
 * @property {import('./stock.mjs').Stock} stock
 * @property {import('./file-server.mjs').FileServer} server
 *
 * @typedef {object} Undisturbed a scenario and its results without a fault
 * @property {Scenario} scenario
 * @property {Site} site
 * @property {Measures} measures
 * @property {Tree} before
 * @property {Tree} after
 * @property {Partial<Record<string, string>>} skipped kinds that cannot strike here, and why
 * @property {string[]} problems
 */

/**
 * Does a scenario's work once without a fault. Even then no file of another owner may change, and doing the
 * work again must change nothing.
 *
 * @param {Scenario} scenario
 * @param {Bench} bench
 * @returns {Promise<Undisturbed>}
 */
export async function learn(scenario, bench) {
  const around = prepare(scenario, bench, `undisturbed-${scenario.name}`);
  const { site } = around;
  const before = readTree(site.folder);
  const { measures, endings, problems } = await measure(scenario, around);
  const after = readTree(site.folder);
  const undisturbed = { scenario, site, measures, before, after, skipped: {}, problems: [] };
  return {
    ...undisturbed,
    skipped: listKinds(scenario, measures).skipped,
    problems: [
      ...problems,
      ...endings.flatMap((ending) => checkEnding(ending, [0])),
      ...(await finish(undisturbed, around, before)),
    ],
  };
}

/**
 * Lets one fault happen in a scenario, and reports what is wrong right after it and after the work is done
 * again.
 *
 * @param {Undisturbed} undisturbed
 * @param {Fault} fault
 * @param {Bench} bench
 * @param {{ keptIn: string | null }} options the folder to which a site with problems is copied
 * @returns {Promise<string[]>}
 */
export async function strike(undisturbed, fault, bench, { keptIn }) {
  const { scenario } = undisturbed;
  const disk = placeOfDisk(fault);
  const around = prepare(scenario, bench, 'struck', disk, undisturbed.site);
  const { site } = around;
  try {
    const before = readTree(site.folder);
    const { endings, problems } = await inflict(fault, scenario, around);
    if (fault.kind === 'folder-removed') surroundShared(site);
    const allowed = allowedEndings(fault, scenario.codes ?? []);
    problems.push(...endings.flatMap((ending) => checkEnding(ending, allowed)));
    if (!endings.some(({ code }) => code === 0) && fault.kind === 'three-at-once') {
      problems.push('of three at once none did the work');
    }
    const takesPart = fault.kind === 'folder-removed' && !scenario.outputs.includes(fault.folder);
    const now = await checkNow(undisturbed, around, before, { endings, takesPart });
    const end = await finish(undisturbed, around, before);
    const all = [...problems, ...now, ...end.map((problem) => `done again: ${problem}`)];
    if (all.length > 0 && keptIn !== null) {
      mkdirSync(path.dirname(keptIn), { recursive: true });
      cpSync(site.folder, keptIn, { recursive: true });
    }
    return all;
  } finally {
    unmountAll();
    rmSync(site.folder, { recursive: true, force: true });
  }
}

/**
 * @param {Scenario} scenario
 * @param {Bench} bench
 * @param {string} name
 * @param {import('./site.mjs').Place | null} [disk]
 * @param {Site} [undisturbed]
 * @returns {Around}
 */
function prepare(scenario, { folder, stock, server }, name, disk = null, undisturbed) {
  const site = makeSite(path.join(folder, name));
  if (disk !== null) mountDisk(site[disk]);
  const around = { site, stock, server, undisturbed: undisturbed ?? site };
  surroundShared(site);
  scenario.prepare(around);
  return around;
}

/**
 * Checks what must hold right after the fault: files of other owners are unchanged, and every file with its
 * final name is complete. A command that ended with 0 has done its work, and a command that ended in order
 * has left no temporary files.
 *
 * @param {Undisturbed} undisturbed
 * @param {Around} around
 * @param {Tree} before
 * @param {object} what
 * @param {readonly import('./command.mjs').Ending[]} what.endings
 * @param {boolean} what.takesPart the fault removes a part of the output, so missing files are not a problem
 */
async function checkNow(undisturbed, around, before, { endings, takesPart }) {
  const { scenario, after } = undisturbed;
  const { plain = (name) => name, kept } = scenario;
  const now = readTree(around.site.folder);
  const problems = compareBytes(now, othersOf(before, scenario));
  if (!takesPart) problems.push(...(scenario.checkAny?.(around) ?? []));
  const finals = new Set([...after.keys()].map(plain));
  const whole = [...now.keys()].filter((name) => finals.has(plain(name)));
  problems.push(...(await openAll(around.site.folder, whole)));
  if (endings.some(({ code }) => code === 0)) {
    const done = takesPart ? [] : await checkDone(undisturbed, around, now);
    problems.push(...done.map((one) => `exit 0, but ${one}`));
  } else if (endings.every(({ code }) => code !== null)) {
    const more = compareNames(now, after, plain).filter((one) => one.startsWith(LEFT));
    const names = more.map((one) => one.slice(LEFT.length));
    const stray = names.filter((name) => !before.has(name) && !kept?.test(name));
    problems.push(...stray.map((name) => `left behind by a command that ended in order: ${name}`));
  }
  return problems;
}

/**
 * @param {Undisturbed} undisturbed
 * @param {Around} around
 * @param {Tree} now
 */
async function checkDone({ scenario, after }, around, now) {
  const { optional, plain } = scenario;
  const problems = compareNames(now, after, plain).filter(
    (one) => !(one.startsWith(LOST) && optional?.test(one.slice(LOST.length))),
  );
  // If a file is missing, the scenario's own check would only fail because of it.
  if (problems.length > 0) return problems;
  return [...scenario.checkDone(around), ...(await openAll(around.site.folder, now.keys()))];
}

/**
 * Does the work again without a fault. Afterwards everything must be as if no fault had happened.
 *
 * @param {Undisturbed} undisturbed
 * @param {Around} around
 * @param {Tree} before
 */
async function finish(undisturbed, around, before) {
  const { scenario } = undisturbed;
  const { site } = around;
  for (const place of [site.work, site.cache, site.tmp]) mkdirSync(place, { recursive: true });
  const running = startCommand(site, scenario.again(around), { env: scenario.env });
  const driven = (await scenario.drive?.(running, around)) ?? [];
  const ending = await running.done;
  const problems = [...driven, ...checkEnding(ending, [0])];
  const now = readTree(site.folder);
  problems.push(...compareBytes(now, othersOf(before, scenario)));
  if (problems.length > 0) return problems;
  problems.push(...(await checkDone(undisturbed, around, now)));
  for (const model of scenario.models ?? []) {
    const verified = await runCommand(site, ['inspect', path.join(site.work, model), '--verify']);
    problems.push(...checkEnding(verified, [0]).map((one) => `inspect --verify ${one}`));
  }
  return problems;
}

/**
 * @param {Tree} tree
 * @param {Scenario} scenario
 * @returns {Tree}
 */
function othersOf(tree, { outputs, removable = [] }) {
  const own = [...outputs, ...removable];
  const isOwn = (/** @type {string} */ name) =>
    own.some((output) => name === output || name.startsWith(`${output}/`));
  return new Map([...tree].filter(([name]) => !isOwn(name)));
}

/**
 * The fault with the given number. The scenarios take turns.
 *
 * @param {readonly Undisturbed[]} all
 * @param {number} seed
 * @param {number} number from 1
 * @returns {{ undisturbed: Undisturbed, fault: Fault }}
 */
export function faultOf(all, seed, number) {
  const undisturbed = all[(number - 1) % all.length];
  const random = createRandom(seed, number);
  return { undisturbed, fault: drawFault(random, undisturbed.scenario, undisturbed.measures) };
}
