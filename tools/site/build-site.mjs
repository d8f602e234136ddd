// @ts-check
/**
 * Writes the site of the documentation: pages of plain HTML with relative links, which work from any folder
 * of a web server and from a disk.
 *
 * Usage: npm run build && npm run site -- [folder] [--repository ADDRESS]
 *
 * `folder` is `site` if none is given. ADDRESS is where a reader finds the files of the repository, ending
 * in a slash; without it, links to files that are no pages stay text.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkLinks } from './check-links.mjs';
import { collectPages } from './collect-pages.mjs';
import { createResolve } from './links.mjs';
import { writeLivePage } from './live-page.mjs';
import { renderMarkdown } from './markdown.mjs';
import { renderPage } from './page-template.mjs';
import { writeSearchIndex } from './search-index.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { repository: { type: 'string' } },
});
const folder = path.resolve(positionals[0] ?? path.join(root, 'site'));
const repository = flags.repository ?? null;

const { sections, home, places } = collectPages(root);
const pages = [home, ...sections.flatMap((section) => section.pages)].map(
  ({ source, address, text }) => {
    const resolve = createResolve({ source, address, places, repository });
    return { address, ...renderMarkdown(text, resolve) };
  },
);

rmSync(folder, { recursive: true, force: true });
for (const page of pages) write(page.address, renderPage(page, sections));
write('search-index.js', writeSearchIndex(pages));
cpSync(path.join(root, 'docs/images'), path.join(folder, 'images'), { recursive: true });
cpSync(fileURLToPath(new URL('assets', import.meta.url)), path.join(folder, 'assets'), {
  recursive: true,
});
cpSync(
  fileURLToPath(new URL('../umd/index.js', import.meta.resolve('minisearch'))),
  path.join(folder, 'assets/minisearch.js'),
);
cpSync(path.join(root, 'packages/viewer/public/icon.svg'), path.join(folder, 'assets/icon.svg'));
writeLivePage(root, path.join(folder, 'live'));
// GitHub Pages hides files whose names begin with `_` unless this file is there.
write('.nojekyll', '');

const { broken, checked } = checkLinks(folder);
for (const line of broken) console.error(`broken link in ${line}`);
console.log(
  `${pages.length} pages, ${checked} links: ${path.relative(process.cwd(), folder) || '.'}`,
);
if (broken.length > 0) process.exitCode = 1;

/** @param {string} address @param {string} text */
function write(address, text) {
  const file = path.join(folder, address);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
