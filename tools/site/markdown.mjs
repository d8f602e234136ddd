// @ts-check
/** Turns Markdown into HTML: headings with addresses, coloured code, and links that hold in the site. */
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import MarkdownIt from 'markdown-it';

const languages = { bash, javascript, json, python, typescript, xml, yaml };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);

/**
 * A heading of a page, with the id that links to it end in.
 *
 * @typedef {{ level: number, id: string, text: string }} Heading
 */

/**
 * Where a link leads in the site. `null`: the file has no place in the site, and the text stays without
 * a link.
 *
 * @typedef {(address: string) => string | null} Resolve
 */

/** Escapes text for HTML. @param {string} text */
export const escapeHtml = (text) =>
  text.replace(
    /[&<>"]/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign,
  );

/**
 * The id of a heading as GitHub makes it: links between pages were written for it.
 *
 * @param {string} text
 */
export const slugOf = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/** @param {string} code @param {string} language */
export function highlight(code, language) {
  const name = hljs.getLanguage(language);
  return name === undefined ? escapeHtml(code) : hljs.highlight(code, { language }).value;
}

/**
 * Renders a page.
 *
 * @param {string} text in Markdown.
 * @param {Resolve} resolve
 * @returns {{ html: string, title: string, headings: Heading[] }} the title is the first heading, which
 * `html` has too.
 */
export function renderMarkdown(text, resolve) {
  const markdown = new MarkdownIt({ html: true, highlight });
  /** @type {Heading[]} */
  const headings = [];
  /** @type {Map<string, number>} */
  const used = new Map();
  markdown.core.ruler.push('site', (state) => {
    state.tokens.forEach((token, i) => {
      if (token.type === 'heading_open') {
        const plain = plainText(state.tokens[i + 1]);
        const slug = slugOf(plain);
        const count = used.get(slug) ?? 0;
        used.set(slug, count + 1);
        const id = count === 0 ? slug : `${slug}-${count}`;
        token.attrSet('id', id);
        headings.push({ level: Number(token.tag.slice(1)), id, text: plain });
      }
      if (token.type === 'inline') resolveLinks(token.children ?? [], resolve);
    });
  });
  const { rules } = markdown.renderer;
  rules['table_open'] = () =>
    '<div class="table" tabindex="0" role="group" aria-label="Table"><table>\n';
  rules['table_close'] = () => '</table></div>\n';
  rules['html_block'] = (tokens, i) => placeHtml(tokens[i]?.content ?? '', resolve);
  rules['html_inline'] = rules['html_block'];
  rules['fence'] = (tokens, i) => {
    const { content = '', info = '' } = tokens[i] ?? {};
    const language = info.trim() || 'text';
    return `<div class="code"><pre tabindex="0"><code class="language-${escapeHtml(language)}">${highlight(content, language)}</code></pre></div>\n`;
  };
  rules['heading_close'] = (tokens, i) => {
    const id = tokens[i - 2]?.attrGet('id');
    const { tag = 'h1' } = tokens[i] ?? {};
    if (tag === 'h1' || id === null) return `</${tag}>\n`;
    return ` <a class="anchor" href="#${id}" aria-label="Link to this section">#</a></${tag}>\n`;
  };
  const html = markdown.render(text);
  return { html, title: headings.find(({ level }) => level === 1)?.text ?? '', headings };
}

/**
 * Prepares HTML inside of Markdown: without comments, with the site's addresses.
 *
 * @param {string} html
 * @param {Resolve} resolve
 */
const placeHtml = (html, resolve) =>
  html
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/(src|href)="([^"]*)"/g, (_, name, address) => `${name}="${resolve(address) ?? ''}"`);

/** @param {{ children?: any[] | null, content?: string } | undefined} token of a heading's text. */
function plainText(token) {
  return (token?.children ?? [])
    .filter(({ type }) => ['text', 'code_inline'].includes(type))
    .map(({ content }) => content)
    .join('');
}

/**
 * Writes the links and pictures of a line as they hold in the site. The tokens of a link without a target
 * become plain text.
 *
 * @param {any[]} tokens
 * @param {Resolve} resolve
 */
function resolveLinks(tokens, resolve) {
  let isDropped = false;
  for (const token of tokens) {
    if (token.type === 'image') {
      token.attrSet('src', resolve(token.attrGet('src')) ?? '');
      token.attrSet('loading', 'lazy');
      continue;
    }
    if (token.type === 'link_open') {
      const target = resolve(token.attrGet('href'));
      isDropped = target === null;
      if (target !== null) token.attrSet('href', target);
      else token.tag = 'span';
      if (isDropped) token.attrs = [['title', `in the repository: ${token.attrGet('href')}`]];
    }
    if (token.type === 'link_close' && isDropped) token.tag = 'span';
  }
}
