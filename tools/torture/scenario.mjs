// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A use of the command that faults strike.
 *
 * @typedef {import('./site.mjs').Site} Site
 * @typedef {import('./stock.mjs').Stock} Stock
 *
 * @typedef {object} Around what a scenario knows about this fault and about all faults
 * @property {Site} site
 * @property {Stock} stock
 * @property {import('./file-server.mjs').FileServer} server of the stock's weights
 * @property {Site} undisturbed the site where the same work was done without a fault
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {(around: Around) => void} prepare makes inputs, earlier outputs and other owners' files
 * @property {(around: Around) => string[]} command its arguments
 * @property {(around: Around) => string[]} again the arguments that finish the work after a fault
 * @property {readonly string[]} outputs the paths that the command may create and change, relative to the
 *   site's folder
 * @property {readonly string[]} [removable] folders of the outputs that a fault may remove while it runs
 * @property {RegExp} [kept] names, beyond the undisturbed ones, of files that may remain until the work is
 *   done again, even if the command ended in order, because a later start continues from them
 * @property {RegExp | undefined} [optional] names of files that only make later starts faster: a command
 *   that could not keep them has still done its work
 * @property {boolean} [shared] three processes may try it at once, and one of them does the work
 * @property {readonly (number | NodeJS.Signals)[]} [codes] allowed endings in addition to those of the fault
 * @property {boolean} [downloads] takes its input from the server
 * @property {readonly string[]} [models] models among the outputs, which `inspect --verify` must find whole
 * @property {Readonly<Record<string, string>>} [env]
 * @property {(name: string) => string} [plain] removes from a name the parts that differ between runs
 * @property {(around: Around) => string[]} [checkAny] problems at any moment, also between two starts
 * @property {(around: Around) => string[]} checkDone problems when the work is done
 * @property {(running: import('./command.mjs').Running, around: Around) => Promise<string[]>} [drive]
 *   uses the command while it runs, and ends one that does not end by itself
 */

/**
 * Files that users keep beside outputs. Their names are similar to those that a program might choose for
 * itself.
 */
const FILES_OF_OTHERS = ['notes.txt', '.hidden', 'report.part'];
const FOLDERS_OF_OTHERS = ['.old', '.new', '.unpacked', '.bak', '.part', '.tmp', '-2'];

/**
 * Puts files of other owners beside an output.
 *
 * @param {string} output
 */
export function surround(output) {
  const parent = path.dirname(output);
  mkdirSync(parent, { recursive: true });
  for (const name of FILES_OF_OTHERS) writeFileSync(path.join(parent, name), `mine: ${name}\n`);
  for (const end of FOLDERS_OF_OTHERS) {
    mkdirSync(`${output}${end}`);
    // Adds two files that look like a model's and a run's.
    for (const name of ['model.json', 'run.json', 'mine.txt']) {
      writeFileSync(path.join(`${output}${end}`, name), `{"of": "${name}${end}"}\n`);
    }
  }
}

/**
 * Puts files of other programs into the folders that all programs share. It is called again if a fault
 * removed such a folder.
 *
 * @param {Site} site
 */
export function surroundShared({ cache, tmp }) {
  for (const folder of [cache, tmp]) {
    mkdirSync(path.join(folder, 'other-program'), { recursive: true });
    writeFileSync(path.join(folder, 'other-program', 'state'), 'of another program\n');
  }
}
