// @ts-check
/** The packages that run with ours, and their licences, from the lock file alone. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Our packages whose dependencies a user installs. */
const installed = ['core', 'converter', 'runs', 'service', 'cli'];

/** Goes into the packages that `write-runtime.mjs` writes. */
const repacked = 'onnxruntime-node';

/**
 * @typedef {{ version: string, license?: string, dependencies?: Record<string, string>,
 *   optionalDependencies?: Record<string, string>, peerDependencies?: Record<string, string>,
 *   peerDependenciesMeta?: Record<string, { optional?: boolean }>, os?: string[], cpu?: string[],
 *   resolved?: string, link?: boolean }} LockEntry
 * @typedef {Record<string, LockEntry>} Lock the entries by their place, such as `node_modules/sharp`.
 */

/**
 * A package with all of its versions. `use` says how it gets to a user: `command`, a dependency of the
 * command; `library`, one that only the libraries have, as a peer; `page`, one that the sources of the built
 * pages import, or that such a package needs. A build may leave its code out.
 *
 * @typedef {{ name: string, versions: string[], licence: string, use: string[], places: string[] }} Licensed
 */

/** @returns {Lock} */
export function readLock() {
  return JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
}

/**
 * Lists every package that is needed at run time, the ones for other platforms included.
 *
 * @param {Lock} lock
 * @returns {Licensed[]} by name.
 */
export function listLicences(lock) {
  const fromCommand = reach(lock, ['packages/cli']);
  const starts = installed.map((name) => `packages/${name}`);
  const others = reach(lock, [...starts, `node_modules/${repacked}`]);
  return describePlaces(lock, [
    ...[...fromCommand].map((place) => use(place, 'command')),
    ...[...others].filter((place) => !fromCommand.has(place)).map((place) => use(place, 'library')),
    ...[...reach(lock, bundledStarts(lock))].map((place) => use(place, 'page')),
  ]);
}

/**
 * Lists the packages of which a build has modules, and all that these need, since the published files of a
 * package may contain code of its dependencies.
 *
 * @param {Lock} lock
 * @param {readonly string[]} names such as `onnxruntime-web`
 * @returns {Licensed[]} by name.
 */
export function listBundled(lock, names) {
  const starts = names.map((name) => {
    const place = resolvePlace(lock, 'packages/core', name);
    if (place === null) throw new Error(`${name} is not in package-lock.json`);
    return place;
  });
  return describePlaces(
    lock,
    [...reach(lock, starts)].map((place) => use(place, 'page')),
  );
}

/** @param {string} place @param {string} way */
function use(place, way) {
  return { place, way };
}

/**
 * The packages at some places, those at several places once.
 *
 * @param {Lock} lock
 * @param {readonly { place: string, way: string }[]} uses
 * @returns {Licensed[]} by name.
 */
function describePlaces(lock, uses) {
  /** @type {Map<string, Licensed>} */
  const found = new Map();
  for (const { place, way } of uses) {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const { version, license = '' } = /** @type {LockEntry} */ (lock[place]);
    const key = `${name} ${license}`;
    const known = found.get(key) ?? { name, versions: [], licence: license, use: [], places: [] };
    if (!known.versions.includes(version)) known.versions.push(version);
    if (!known.use.includes(way)) known.use.push(way);
    if (!known.places.includes(place)) known.places.push(place);
    found.set(key, known);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/**
 * The places of all packages that the given ones need, themselves included, without our own.
 *
 * @param {Lock} lock
 * @param {readonly string[]} starts
 */
function reach(lock, starts) {
  /** @type {Set<string>} */
  const seen = new Set();
  const pending = [...starts];
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    for (const name of neededNames(lock, place)) {
      const next = resolvePlace(lock, place, name);
      if (next !== null) pending.push(next);
    }
  }
  return new Set([...seen].filter((place) => !/^packages\/[^/]+$/.test(place)));
}

/** @param {Lock} lock @param {string} place */
function neededNames(lock, place) {
  const entry = /** @type {LockEntry} */ (lock[place]);
  const { peerDependencies = {}, peerDependenciesMeta = {} } = entry;
  const isOurs = place.startsWith('packages/') && !place.includes('/node_modules/');
  // An optional peer of ours is one of several ways that we recommend; one of somebody else's is not ours
  // to take.
  const peers = Object.keys(peerDependencies).filter(
    (name) => isOurs || peerDependenciesMeta[name]?.optional !== true,
  );
  const { dependencies = {}, optionalDependencies = {} } = entry;
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers];
}

/**
 * Where Node finds a package for another one: the nearest `node_modules` above it.
 *
 * @param {Lock} lock @param {string} from @param {string} name
 */
function resolvePlace(lock, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const entry = lock[place];
    if (entry !== undefined) return entry.link === true ? (entry.resolved ?? place) : place;
    if (folder === '') return null;
  }
}

/**
 * The packages that the sources of the pages import, and the engines of the library that a page loads.
 *
 * @param {Lock} lock
 */
function bundledStarts(lock) {
  const imports = new Set(
    ['viewer/src', 'core/src'].flatMap((folder) => {
      const sources = path.join(root, 'packages', folder);
      return readdirSync(sources, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('node'))
        .flatMap((file) => importedPackages(readFileSync(path.join(sources, file), 'utf8')));
    }),
  );
  return [...imports]
    .map((name) => resolvePlace(lock, 'packages/viewer', name))
    .filter((place) => place !== null && !place.startsWith('packages/'))
    .map((place) => /** @type {string} */ (place));
}

/** @param {string} source of a module. */
function importedPackages(source) {
  const named = source.matchAll(
    /^(?:import|export)\s(?!type\b)[^;]*?from '([^']+)'|\bimport\(\s*'([^']+)'/gm,
  );
  return [...named]
    .map(([, still, dynamic]) => still ?? dynamic ?? '')
    .filter((name) => /^[@a-z]/.test(name) && !name.startsWith('node:'))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}

/** Licences that ask for no more than their notice. */
const free = [
  ...['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0'],
  ...['ISC', 'MIT', 'Unlicense', 'Zlib'],
];

/**
 * libvips is under the LGPL. It comes as a shared library in a package of its own, which a user can
 * replace, as that licence asks; it is linked into none of our files.
 */
const freeAsLibrary = { licence: 'LGPL-3.0-or-later', packages: /^@img\/sharp-/ };

/**
 * Says why a licence is refused; null if it is accepted. An expression of SPDX is accepted if one side of
 * its `OR` and both sides of its `AND` are.
 *
 * @param {Pick<Licensed, 'name' | 'licence'>} licensed
 * @returns {string | null}
 */
export function refuseLicence({ name, licence }) {
  const text = licence.trim();
  if (text === '') return `${name} states no licence`;
  const inner = /^\(([^()]*)\)$/.exec(text)?.[1];
  if (inner !== undefined) return refuseLicence({ name, licence: inner });
  for (const [word, takes] of /** @type {const} */ ([
    [' OR ', 'some'],
    [' AND ', 'every'],
  ])) {
    const parts = text.split(word);
    if (parts.length === 1) continue;
    const isAccepted = parts[takes]((part) => refuseLicence({ name, licence: part }) === null);
    return isAccepted ? null : `${name} is under ${text}, which is not accepted`;
  }
  if (free.includes(text)) return null;
  if (text === freeAsLibrary.licence && freeAsLibrary.packages.test(name)) return null;
  return `${name} is under ${text}, which is not accepted`;
}

export const acceptedLicences = free;
