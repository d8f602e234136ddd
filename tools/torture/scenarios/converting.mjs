// @ts-check
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { checkModelFolder, describeModel } from '../checks/model-folder.mjs';
import { surround } from '../scenario.mjs';

/** @typedef {import('../scenario.mjs').Scenario} Scenario */

/**
 * @param {import('../scenario.mjs').Around} around
 * @param {string} name
 */
function checkModel({ site, undisturbed }, name) {
  const [is, was] = [site, undisturbed].map(({ work }) => path.join(work, name));
  const problems = checkModelFolder(is);
  if (problems.length > 0) return problems;
  if (!existsSync(is)) return [`lost: ${name}`];
  return describeModel(is) === describeModel(was)
    ? []
    : [`${name} is another model than that of an undisturbed run`];
}

const FETCHED = 'models/demo-resnet';
const DOWNLOADED = 'weights.tar.gz';

/** @type {Scenario} */
export const fetching = {
  name: 'fetch',
  prepare: ({ site }) => surround(path.join(site.work, FETCHED)),
  command: ({ server }) => [
    ...['fetch', 'demo-resnet', '--source', server.url],
    ...['--models', 'models', '--quiet'],
  ],
  again: (around) => fetching.command(around),
  outputs: [`work/${FETCHED}`, 'cache/downloads'],
  removable: [`work/${FETCHED}`, 'cache/downloads', 'cache'],
  kept: /^cache\/downloads/,
  shared: true,
  downloads: true,
  models: [FETCHED],
  checkAny: ({ site }) => checkModelFolder(path.join(site.work, FETCHED)),
  checkDone: (around) => [...checkModel(around, FETCHED), ...checkDownload(around)],
};

/** @param {import('../scenario.mjs').Around} around */
function checkDownload({ site, stock, undisturbed }) {
  const source = readFileSync(stock.weights);
  const holds = (/** @type {string} */ cache) =>
    findFiles(path.join(cache, 'downloads')).some((file) => readFileSync(file).equals(source));
  return holds(undisturbed.cache) && !holds(site.cache)
    ? ['the download is not whole in the cache']
    : [];
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function findFiles(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return names.filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name));
}

const CONVERTED = 'models/net';

/** @type {Scenario} */
export const converting = {
  name: 'convert',
  prepare({ site, stock }) {
    surround(path.join(site.work, CONVERTED));
    copyFileSync(stock.weights, path.join(site.work, DOWNLOADED));
  },
  command: () => [
    ...['convert', DOWNLOADED, '--arch', 'demo-resnet', '--dtype', 'uint8'],
    ...['--out', CONVERTED, '--quiet'],
  ],
  again: (around) => converting.command(around),
  outputs: [`work/${CONVERTED}`],
  removable: [`work/${CONVERTED}`],
  shared: true,
  models: [CONVERTED],
  checkAny: ({ site }) => checkModelFolder(path.join(site.work, CONVERTED)),
  checkDone: (around) => checkModel(around, CONVERTED),
};

/** The same scenario in the place of an earlier model. At every moment there must be a complete model. */
/** @type {Scenario} */
export const convertingAnew = {
  ...converting,
  name: 'convert-over',
  prepare(around) {
    converting.prepare(around);
    cpSync(around.stock.exact, path.join(around.site.work, CONVERTED), { recursive: true });
  },
  // Nothing may be removed here: without the earlier model there would be no complete model.
  removable: [],
  checkAny({ site }) {
    const folder = path.join(site.work, CONVERTED);
    if (!existsSync(folder)) return ['neither the earlier model nor the new one is there'];
    return checkModelFolder(folder);
  },
};

/** @type {Scenario} */
export const inspecting = {
  name: 'inspect',
  prepare: ({ site, stock }) => copyFileSync(stock.weights, path.join(site.work, DOWNLOADED)),
  command: () => ['inspect', DOWNLOADED, '--json'],
  again: (around) => inspecting.command(around),
  outputs: [],
  checkDone: () => [],
};
