// @ts-check
// Usage: node tools/release/set-version.mjs <version>
// Gives all packages one version, in their own manifests and where they depend on each other, and turns the
// section "unreleased" of CHANGELOG.md into that of the version. Then: npm install --package-lock-only.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/**
 * A manifest with the version, and with the version of every package of ours that it needs.
 *
 * @param {Record<string, any>} manifest
 * @param {string} version
 * @returns {Record<string, any>}
 */
export function withVersion(manifest, version) {
  /** @type {Record<string, any>} */
  const changed = { ...manifest, version };
  for (const field of ['dependencies', 'devDependencies']) {
    if (changed[field] === undefined) continue;
    /** @type {[string, string][]} */
    const entries = Object.entries(changed[field]);
    changed[field] = Object.fromEntries(
      entries.map(([name, range]) => [name, name.startsWith('@gradcam/') ? version : range]),
    );
  }
  return changed;
}

/**
 * The changelog with a date for the section that is released.
 *
 * @param {string} changelog
 * @param {string} version
 * @param {string} date as 2026-01-31
 */
export function datedChangelog(changelog, version, date) {
  const heading = /^## \S+, unreleased$/m;
  if (!heading.test(changelog)) {
    throw new Error("CHANGELOG.md: expected a heading '## <version>, unreleased', found none");
  }
  return changelog.replace(heading, `## ${version}, ${date}`);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [version = ''] = process.argv.slice(2);
  if (!/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(version)) {
    throw new Error(`expected a version such as 0.2.0, found '${version}'`);
  }
  const folders = readdirSync(new URL('packages/', root)).map((name) => `packages/${name}/`);
  for (const folder of [...folders, 'tools/']) {
    const file = new URL(`${folder}package.json`, root);
    const manifest = withVersion(JSON.parse(readFileSync(file, 'utf8')), version);
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
  const page = new URL('CHANGELOG.md', root);
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(page, datedChangelog(readFileSync(page, 'utf8'), version, today));
}
