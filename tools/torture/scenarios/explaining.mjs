// @ts-check
import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { checkAnyRun, checkDoneRun } from '../checks/run-folder.mjs';
import { surround } from '../scenario.mjs';
import { EXPLAIN } from '../stock.mjs';

/** @typedef {import('../scenario.mjs').Scenario} Scenario */

const RUN = 'runs/first';

/** @type {Scenario} */
export const explaining = {
  name: 'explain',
  prepare({ site, stock }) {
    surround(path.join(site.work, RUN));
    cpSync(stock.photos, path.join(site.work, 'photos'), { recursive: true });
  },
  command: ({ stock }) => [
    ...['explain', 'photos', ...EXPLAIN],
    ...['--models', stock.models, '--out', RUN],
  ],
  again: (around) => [...explaining.command(around), '--resume'],
  outputs: [`work/${RUN}`, 'cache/digests'],
  removable: [`work/${RUN}`, `work/${RUN}/images`],
  // The finished results remain, so that the run can be resumed.
  kept: /^work\/runs\/first\//,
  optional: /^cache\/(graphs|digests)/,
  checkAny: ({ site }) => checkAnyRun(path.join(site.work, RUN)),
  checkDone: ({ site, undisturbed }) =>
    checkDoneRun(path.join(site.work, RUN), path.join(undisturbed.work, RUN)),
};

/**
 * A run that was stopped and in which one image has changed since. That image's line and files are removed.
 */
/** @type {Scenario} */
export const resuming = {
  ...explaining,
  name: 'explain-resume',
  prepare(around) {
    explaining.prepare(around);
    cpSync(around.stock.halfRun, path.join(around.site.work, RUN), { recursive: true });
  },
  command: explaining.again,
  shared: true,
};

/** A scenario with a model that is large enough for its compiled graph to be kept in the cache. */
/** @type {Scenario} */
export const explainingLarge = {
  ...explaining,
  name: 'explain-large',
  prepare({ site, stock }) {
    surround(path.join(site.work, RUN));
    mkdirSync(path.join(site.work, 'photos'));
    for (const name of ['noise-0.png', 'noise-1.png']) {
      cpSync(path.join(stock.photos, name), path.join(site.work, 'photos', name));
    }
  },
  command: ({ stock }) => [
    ...['explain', 'photos', '--model', 'large', '--models', stock.models],
    ...['--out', RUN, '--save', 'overlay,raw', '--quiet'],
  ],
  again: (around) => [...explainingLarge.command(around), '--resume'],
  outputs: [`work/${RUN}`, 'cache/graphs', 'cache/digests'],
  removable: [`work/${RUN}`, 'cache/graphs', 'cache'],
  plain: (name) => name.replaceAll(/[0-9a-f]{32}/g, '<digest>'),
  // The engine cannot work if it can write its files neither in the cache nor in the temporary folder.
  codes: [69],
};

/** The same scenario without a cache: the weights are mapped from a folder in `$TMPDIR`. */
/** @type {Scenario} */
export const explainingMapped = {
  ...explainingLarge,
  name: 'explain-mapped',
  env: { GRADCAM_GRAPHS_MB: '0' },
  outputs: [`work/${RUN}`, 'cache/digests'],
  removable: [`work/${RUN}`],
};
