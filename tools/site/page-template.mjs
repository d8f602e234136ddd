// @ts-check
/** The HTML around the text of a page: menu, search, contents. */
import { relativeAddress } from './links.mjs';
import { escapeHtml } from './markdown.mjs';
import { live } from './site-map.mjs';

/**
 * A section of the menu; a folded one shows its pages only on one of them.
 *
 * @typedef {{ title: string, pages: { address: string, short: string }[], isFolded: boolean }} Section
 */

/**
 * @typedef {import('./markdown.mjs').Heading} Heading
 *
 * @param {{ address: string, title: string, html: string, headings: Heading[] }} page
 * @param {readonly Section[]} sections
 */
export function renderPage({ address, title, html, headings }, sections) {
  const to = (/** @type {string} */ target) => relativeAddress(address, target);
  const root = to('search-index.js').slice(0, -'search-index.js'.length) || './';
  return `<!doctype html>
<html lang="en" data-root="${root}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escapeHtml(title)} – Grad-CAM for TensorFlow.js</title>
    <link rel="icon" type="image/svg+xml" href="${to('assets/icon.svg')}" />
    <link rel="stylesheet" href="${to('assets/site.css')}" />
    <script src="${to('assets/site.js')}" defer></script>
  </head>
  <body>
    <a class="skip" href="#text">Skip to the text</a>
    <header class="bar">
      <a class="name" href="${to('index.html')}">Grad-CAM <span>for TensorFlow.js</span></a>
      <div class="search" role="search" hidden>
        <input type="search" placeholder="Search  ( / )" aria-label="Search the pages" autocomplete="off" />
        <ul class="results" aria-label="Results" hidden></ul>
      </div>
    </header>
    <div class="columns">
      <nav class="menu" aria-label="Pages">
        <details open>
          <summary>Pages</summary>
          <a class="live" href="${to(live.address)}">${live.short}</a>
${sections.map((section) => renderSection(section, address, to)).join('\n')}
        </details>
      </nav>
      <main id="text" class="text">
${html}
${renderNeighbours(sections, address, to)}
      </main>
${renderContents(headings)}
    </div>
  </body>
</html>
`;
}

/** @param {Section} section @param {string} address @param {(target: string) => string} to */
function renderSection({ title, pages, isFolded }, address, to) {
  const items = pages.map(({ address: target, short }) => {
    const mark = target === address ? ' aria-current="page"' : '';
    return `            <li><a href="${to(target)}"${mark}>${escapeHtml(short)}</a></li>`;
  });
  const list = `          <ul>\n${items.join('\n')}\n          </ul>`;
  if (!isFolded) return `          <p>${escapeHtml(title)}</p>\n${list}`;
  const isOpen = pages.some((page) => page.address === address);
  return `          <details class="folded"${isOpen ? ' open' : ''}><summary>${escapeHtml(title)}</summary>\n${list}\n          </details>`;
}

/**
 * Links to the page before and the page after this one in the menu.
 *
 * @param {readonly Section[]} sections
 * @param {string} address
 * @param {(target: string) => string} to
 */
function renderNeighbours(sections, address, to) {
  const pages = sections.flatMap((section) => section.pages);
  const at = pages.findIndex((page) => page.address === address);
  if (at < 0) return '';
  const link = (/** @type {number} */ i, /** @type {string} */ name) => {
    const page = pages[i];
    return page === undefined
      ? ''
      : `<a class="${name}" href="${to(page.address)}">${escapeHtml(page.short)}</a>`;
  };
  return `<nav class="neighbours" aria-label="Neighbouring pages">${link(at - 1, 'before')}${link(at + 1, 'after')}</nav>`;
}

/** @param {Heading[]} headings */
function renderContents(headings) {
  const shown = headings.filter(({ level }) => level === 2 || level === 3);
  if (shown.length < 2) return '';
  const items = shown.map(
    ({ level, id, text }) =>
      `<li class="level-${level}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  );
  return `      <nav class="contents" aria-label="On this page"><p>On this page</p><ul>${items.join('')}</ul></nav>`;
}
