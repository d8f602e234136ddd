// @ts-check
/** Checks that the links, pictures and scripts of a built site lead to files, and anchors to elements. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * @param {string} folder of the built site.
 * @returns {{ broken: string[], checked: number }} a line for each link that leads nowhere: page, then link.
 */
export function checkLinks(folder) {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.html'),
  );
  const ids = new Map(pages.map((page) => [page, readIds(path.join(folder, page))]));
  /** @type {string[]} */
  const broken = [];
  let checked = 0;
  for (const page of pages) {
    for (const link of readLinks(path.join(folder, page))) {
      if (/^(?:[a-z]+:|#$)/.test(link)) continue;
      checked++;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.join(path.dirname(page), decodeURIComponent(file));
      const isThere =
        file === '' || (!file.startsWith('/') && existsSync(path.join(folder, target)));
      // A fragment of a page that a program writes is that program's.
      const hasAnchor =
        !anchor || !ids.has(target) || target.startsWith('live') || ids.get(target)?.has(anchor);
      if (!isThere || !hasAnchor) broken.push(`${page}: ${link}`);
    }
  }
  return { broken, checked };
}

/** @param {string} file */
const readIds = (file) =>
  new Set([...readFileSync(file, 'utf8').matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));

/** @param {string} file @returns {string[]} */
function readLinks(file) {
  const html = readFileSync(file, 'utf8');
  return [...html.matchAll(/<[a-z]+\s[^>]*?\b(?:href|src)="([^"]*)"/g)].map(([, link]) =>
    String(link).replaceAll('&amp;', '&'),
  );
}
