// @ts-check
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { readTree } from './checks/tree.mjs';
import { run } from './inflict.mjs';

/**
 * For a short time a place holds more bytes than at the end: unpacked archives, and the next version of a
 * file. This factor covers them.
 */
const FOR_A_MOMENT = 2.5;

/**
 * Runs a scenario undisturbed and measures when and where faults can happen in it.
 *
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {import('./scenario.mjs').Around} around
 * @returns {Promise<{ measures: import('./faults.mjs').Measures, endings: import('./command.mjs').Ending[],
 *   problems: string[] }>}
 */
export async function measure(scenario, around) {
  const { folder } = around.site;
  const before = readTree(folder);
  const log = `${folder}.calls`;
  rmSync(log, { force: true });
  const { endings, problems } = await run(scenario, around, { plan: { within: folder, log } });
  const calls = existsSync(log)
    ? readFileSync(log, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t'))
    : [];
  rmSync(log, { force: true });
  const sizes = new Map(
    [...readTree(folder)]
      .filter(([name, content]) => content !== 'folder' && before.get(name) !== content)
      .map(([name]) => [name, statSync(path.join(folder, name)).size]),
  );
  const touched = (/** @type {string} */ place) =>
    calls.some(([, , file = '']) => file.startsWith(`${folder}/${place}/`));
  const growthOf = (/** @type {string} */ place) => {
    if (!touched(place)) return 0;
    const own = [...sizes].filter(([name]) => name.startsWith(`${place}/`));
    const bytes = own.reduce((sum, [, size]) => sum + size, 0);
    // Files that no longer exist at the end may have been as large as an unpacked archive.
    return Math.ceil(FOR_A_MOMENT * Math.max(bytes, 2 ** 20));
  };
  return {
    measures: {
      ms: endings[0].ms,
      calls: {
        all: calls.length,
        writes: calls.filter(([, name = '']) => !/^(rm|rmdir|unlink)(Sync)?$/.test(name)).length,
        partial: calls.filter(([, name = '']) => /^(write|writev)$/.test(name)).length,
      },
      growth: { work: growthOf('work'), cache: growthOf('cache'), tmp: growthOf('tmp') },
      files: [...sizes.keys()],
      largest: Math.max(0, ...sizes.values()),
    },
    endings,
    problems,
  };
}
