// @ts-check
/** Collects the pages of the site with their texts: those of the map, and those that are made of others. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createApiPages } from './api-pages.mjs';
import { createMethodPages } from './method-pages.mjs';
import { home, sections } from './site-map.mjs';

/**
 * @typedef {{ source: string, address: string, short: string, text: string }} TextPage
 * @typedef {{ title: string, pages: TextPage[], isFolded: boolean }} TextSection
 */

/**
 * @param {string} root of the repository
 * @returns {{ sections: TextSection[], home: TextPage, places: Map<string, import('./links.mjs').Place> }}
 */
export function collectPages(root) {
  const methods = createMethodPages(root);
  /** @type {Map<string, string>} */
  const made = new Map([['docs/methods.md', methods.index]]);
  const withText = (/** @type {import('./site-map.mjs').MappedPage} */ page) => ({
    ...page,
    text: made.get(page.source) ?? readFileSync(path.join(root, page.source), 'utf8'),
  });
  const filled = sections.map(({ title, pages }) => ({
    title,
    pages: pages.map(withText),
    isFolded: false,
  }));
  const at = filled.findIndex(({ pages }) => pages.some(({ source }) => made.has(source)));
  filled.splice(at + 1, 0, { title: 'Each method', pages: methods.pages, isFolded: true });
  filled.splice(-2, 0, { title: 'API', pages: createApiPages(root), isFolded: true });
  /** @type {Map<string, import('./links.mjs').Place>} */
  const places = new Map(
    [home, ...sections.flatMap(({ pages }) => pages)].map(({ source, address }) => [
      source,
      { address },
    ]),
  );
  places.set('packages/core/README.md', { address: 'api/core.html' });
  places.set('docs/methods.md', { address: 'methods/index.html', headings: methods.headings });
  return { sections: filled, home: withText(home), places };
}
