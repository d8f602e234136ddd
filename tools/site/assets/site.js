// @ts-check
/** Search, buttons that copy code, and the menu on a small screen. The pages can be read without it. */
'use strict';

const root = document.documentElement.dataset['root'] ?? './';
const menu = /** @type {HTMLDetailsElement} */ (document.querySelector('.menu details'));
if (matchMedia('(width < 52rem)').matches) menu.open = false;

if (location.protocol === 'file:') {
  // Browsers load no modules from a disk.
  for (const link of document.querySelectorAll('a[href*="live/index.html"]')) {
    link.append(' (from a web server)');
  }
}

for (const block of document.querySelectorAll('.code')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.querySelector('code')?.textContent ?? '');
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = 'Copy'), 1500);
  });
  if (isSecureContext) block.append(button);
}

const search = /** @type {HTMLElement} */ (document.querySelector('.search'));
const input = /** @type {HTMLInputElement} */ (search.querySelector('input'));
const results = /** @type {HTMLElement} */ (search.querySelector('.results'));
search.hidden = false;

/** @type {Promise<any> | null} */
let loading = null;

/** Loads the index when it is first needed. Scripts load from a disk too, where `fetch` does not. */
function loadIndex() {
  loading ??= loadScript('assets/minisearch.js')
    .then(() => loadScript('search-index.js'))
    .then(() => {
      const { MiniSearch, gradcamSearchIndex } = /** @type {any} */ (globalThis);
      return MiniSearch.loadJSON(gradcamSearchIndex, {
        fields: ['title', 'page', 'text'],
        storeFields: ['title', 'page', 'address', 'excerpt'],
      });
    });
  return loading;
}

/** @param {string} address */
function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = root + address;
    script.addEventListener('load', resolve);
    script.addEventListener('error', reject);
    document.head.append(script);
  });
}

/** Shows what the index finds for the words in the field. */
async function showResults() {
  const words = input.value.trim();
  if (words === '') return hideResults();
  const index = await loadIndex();
  if (words !== input.value.trim()) return;
  const found = index
    .search(words, { prefix: true, fuzzy: 0.15, boost: { title: 4, page: 2 }, combineWith: 'AND' })
    .slice(0, 12);
  results.replaceChildren(...(found.length === 0 ? [nothing(words)] : found.map(toItem)));
  results.hidden = false;
}

function hideResults() {
  results.hidden = true;
  results.replaceChildren();
}

/** @param {{ title: string, page: string, address: string, excerpt: string }} result */
function toItem({ title, page, address, excerpt }) {
  const item = document.createElement('li');
  const link = document.createElement('a');
  const text = document.createElement('small');
  link.href = root + address;
  link.textContent = title === page ? title : `${page} › ${title}`;
  text.textContent = excerpt;
  link.append(text);
  link.addEventListener('click', hideResults);
  item.append(link);
  return item;
}

/** @param {string} words */
function nothing(words) {
  const item = document.createElement('li');
  const text = document.createElement('p');
  text.textContent = `No page has “${words}”.`;
  item.append(text);
  return item;
}

input.addEventListener('focus', loadIndex);
input.addEventListener('input', showResults);

/** The arrow keys go through the field and the results. */
search.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    hideResults();
    input.focus();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) {
    if (event.key === 'Enter' && event.target === input) results.querySelector('a')?.click();
    return;
  }
  event.preventDefault();
  const places = [input, ...results.querySelectorAll('a')];
  const at = places.indexOf(/** @type {any} */ (document.activeElement));
  places[Math.min(Math.max(at + step, 0), places.length - 1)]?.focus();
});

document.addEventListener('click', (event) => {
  if (!search.contains(/** @type {Node} */ (event.target))) hideResults();
});

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || /^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '')) return;
  event.preventDefault();
  input.focus();
});
