// @ts-check
import { format, resolveConfig } from 'prettier';
import path from 'node:path';
import { acceptedLicences, listLicences, readLock, refuseLicence, root } from './licences.mjs';

/** @typedef {import('./licences.mjs').Licensed} Licensed */

const uses = /** @type {const} */ ({
  command: 'installed with the command',
  library: 'peer of a library, or of a peer',
  page: 'may be in the built pages',
});

/** The page docs/licences.md, from package-lock.json. */
export async function formatLicencesPage() {
  const all = listLicences(readLock());
  const rows = joinPlatforms(all);
  const counts = new Map();
  for (const { licence } of all) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const summary = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const refused = all.map(refuseLicence).filter((reason) => reason !== null);
  const text = `# Licences

The packages that run with ours, with the versions of \`package-lock.json\`, those for other platforms included.
\`node tools/release/write-licences.mjs\` writes this page from the lock file, and a test compares it, as well as the
licences in the \`package.json\` of what is installed here. Our own packages are under the MIT License.

${refused.length === 0 ? 'No licence of these is refused.' : `Refused: ${refused.join('; ')}.`} Accepted are ${acceptedLicences.join(', ')}.
LGPL-3.0-or-later is accepted for libvips alone, which \`sharp\` loads as a shared library from a package of its own. Anything
else is refused: GPL, AGPL, SSPL, BUSL, licences for non-commercial use only, and packages that state none. The test names the
package.

| licence | packages |
| --- | --- |
${summary.map(([licence, count]) => `| ${licence} | ${count} |`).join('\n')}

The built pages of \`@gradcam/viewer\` have code of packages that are marked "${uses.page}": these are all that the sources of
the pages import, and what those need, and a build leaves out what no page calls. The notices of all of them stand in its
file \`THIRD-PARTY-NOTICES\`; \`@gradcam/browser\` has its own, of the packages that its build took modules from and what
those need. Fonts and drawings of others are named in [NOTICE](../NOTICE).

| package | versions | licence | how it gets to you |
| --- | --- | --- | --- |
${rows.map(({ name, versions, licence, use }) => `| \`${name}\` | ${versions.join(', ')} | ${licence} | ${use.map((one) => uses[/** @type {keyof typeof uses} */ (one)]).join(', ')} |`).join('\n')}
`;
  const file = path.join(root, 'docs/licences.md');
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

/** One row for packages that differ only in their platform. @param {readonly Licensed[]} all */
function joinPlatforms(all) {
  /** @type {Map<string, Licensed>} */
  const joined = new Map();
  for (const one of all) {
    const name = one.name.replace(
      /(-)(darwin|freebsd|linux|linuxmusl|webcontainers|win32)(-[a-z0-9]+)$/,
      '$1<os>-<cpu>',
    );
    const key = `${name} ${one.licence} ${one.versions} ${one.use}`;
    if (!joined.has(key)) joined.set(key, { ...one, name });
  }
  return [...joined.values()];
}
