// @ts-check
/** The index of the search: one entry for each heading of each page, as a script that a page loads. */
import MiniSearch from 'minisearch';

/** Characters of the text below a heading that a result shows. */
const EXCERPT = 140;

/** How a page reads the index must be how it was written; `assets/site.js` has the same fields. */
const options = {
  fields: ['title', 'page', 'text'],
  storeFields: ['title', 'page', 'address', 'excerpt'],
};

/** @typedef {{ address: string, title: string, html: string }} Page */

/**
 * Writes the script that sets `gradcamSearchIndex`. It is a script and not JSON, because a page that was
 * opened from a disk may load no JSON.
 *
 * @param {Page[]} pages
 */
export function writeSearchIndex(pages) {
  const index = new MiniSearch(options);
  let id = 0;
  for (const page of pages) {
    for (const { anchor, title, text } of splitSections(page)) {
      const address = anchor === null ? page.address : `${page.address}#${anchor}`;
      index.add({
        id: id++,
        title,
        page: page.title,
        text,
        address,
        excerpt: text.slice(0, EXCERPT),
      });
    }
  }
  return `globalThis.gradcamSearchIndex = ${JSON.stringify(JSON.stringify(index))};\n`;
}

/**
 * Splits a page at its headings.
 *
 * @param {Page} page
 * @returns {{ anchor: string | null, title: string, text: string }[]}
 */
function splitSections({ title, html }) {
  const [first = '', ...parts] = html.split(/(?=<h[2-4] id=")/);
  const sections = parts.map((part) => {
    const [, anchor = '', heading = ''] = /^<h[2-4] id="([^"]*)">([\s\S]*?)<\/h/.exec(part) ?? [];
    const text = plain(part.slice(part.indexOf('</h')));
    return { anchor, title: plain(heading.replace(/<a class="anchor"[\s\S]*/, '')), text };
  });
  return [
    { anchor: null, title, text: plain(first.replace(/<h1[\s\S]*?<\/h1>/, '')) },
    ...sections,
  ];
}

/** @type {Readonly<Record<string, string>>} */
const signs = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** @param {string} html */
function plain(html) {
  return html
    .replace(/<[^>]+>/g, ' ')
    .replace(/&(amp|lt|gt|quot);/g, (_, /** @type {string} */ name) => signs[name] ?? '')
    .replace(/\s+/g, ' ')
    .trim();
}
