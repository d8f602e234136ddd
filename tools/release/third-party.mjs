// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { listLicences, readLock, root } from './licences.mjs';

/**
 * Packages that state a licence and hold no text of it, with the text of another package under the same one.
 */
const sameText = { 'Apache-2.0': 'node_modules/sharp/LICENSE' };

/** The notices of the packages whose code may be in the built pages. */
export function formatPageNotices() {
  const licensed = listLicences(readLock()).filter(({ use }) => use.includes('page'));
  return formatThirdParty(
    'The pages of this package may contain code of the packages below: all that their sources import, and what\nthose need. node tools/release/write-licences.mjs writes this file.',
    licensed,
  );
}

/**
 * The notices of packages whose code goes with ours: their licences ask that their text goes where their code
 * goes. A package without a file of its licence gets the text of SPDX with its authors.
 *
 * @param {string} title
 * @param {readonly import('./licences.mjs').Licensed[]} licensed
 */
export function formatThirdParty(title, licensed) {
  /** @type {Map<string, string[]>} the packages under each text */
  const texts = new Map();
  for (const { name, versions, licence, places } of licensed) {
    if (name.startsWith('@types/')) continue;
    for (const text of new Set(places.map((place) => readLicence(place, licence)))) {
      const title = `${name} ${versions.join(', ')} (${licence})`;
      texts.set(text, [...(texts.get(text) ?? []), title]);
    }
  }
  const parts = [...texts].map(
    ([text, titles]) => `${'-'.repeat(80)}\n${titles.join('\n')}\n\n${text}\n`,
  );
  return `${title}\n\n${parts.join('\n')}`;
}

/** @param {string} place @param {string} licence */
function readLicence(place, licence) {
  const folder = path.join(root, place);
  if (!existsSync(folder)) throw new Error(`${place} is not installed; run: npm ci`);
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name));
  if (file !== undefined) return readFileSync(path.join(folder, file), 'utf8').trim();
  if (licence === 'MIT' || licence === 'ISC') {
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const holder = authorOf(manifest.author) ?? `the authors of ${manifest.name}`;
    const own = readFileSync(path.join(root, licence === 'MIT' ? 'LICENSE' : iscText), 'utf8');
    return own.replace(/Copyright .*/, `Copyright (c) ${holder}`).trim();
  }
  const other = sameText[/** @type {keyof typeof sameText} */ (licence.split(' AND ')[0])];
  if (other === undefined) throw new Error(`${place}: no text of ${licence} is known`);
  return readFileSync(path.join(root, other), 'utf8').trim();
}

/** A package under the ISC licence with its text. */
const iscText = 'node_modules/semver/LICENSE';

/** @param {string | { name?: string } | undefined} author */
function authorOf(author) {
  return typeof author === 'string' ? author.replace(/ *<.*/, '') : author?.name;
}
