// @ts-check
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * The folders for one fault. Places are those in which a fault may happen.
 *
 * @typedef {object} Site
 * @property {string} folder
 * @property {string} work the command's working directory, with inputs, outputs and other owners' files
 * @property {string} cache `$GRADCAM_CACHE`
 * @property {string} tmp `$TMPDIR`
 * @property {string} home `$HOME`, where nothing may appear
 *
 * @typedef {'work' | 'cache' | 'tmp'} Place
 */

/**
 * @param {string} folder made anew
 * @returns {Site}
 */
export function makeSite(folder) {
  rmSync(folder, { recursive: true, force: true });
  const at = (/** @type {string} */ name) => path.join(folder, name);
  const site = { folder, work: at('work'), cache: at('cache'), tmp: at('tmp'), home: at('home') };
  for (const place of [site.work, site.cache, site.tmp, site.home]) {
    mkdirSync(place, { recursive: true });
  }
  return site;
}

/**
 * The environment of the command. This process's own settings of caches and models are left out of it.
 *
 * @param {Site} site
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentOf({ cache, tmp, home }) {
  const { PATH, LANG } = process.env;
  return { PATH, LANG, HOME: home, TMPDIR: tmp, GRADCAM_CACHE: cache };
}
