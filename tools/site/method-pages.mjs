// @ts-check
/** Makes a page for each method out of docs/methods.md, with what other files say about the method. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readEvidence } from './method-evidence.mjs';
import { escapeHtml, slugOf } from './markdown.mjs';

/**
 * @typedef {{ source: string, address: string, short: string, text: string }} TextPage
 * @typedef {{ forwards: number, toLayer: number, toInput: number, tails: number }} Passes
 * @typedef {{ title: string, name: string, text: string }} Described
 */

const SOURCE = 'docs/methods.md';

/**
 * @param {string} root
 * @returns {{ index: string, pages: TextPage[], headings: Map<string, string> }} `index` is the text of the
 * page about all methods; `headings` has the addresses of the sections that became pages.
 */
export function createMethodPages(root) {
  const read = (/** @type {string} */ file) => readFileSync(path.join(root, file), 'utf8');
  const [intro = '', ...families] = read(SOURCE).split(/^(?=## )/m);
  /** @type {Record<string, Passes>} */
  const passes = JSON.parse(read('docs/tables/method-passes.json'));
  const evidence = readEvidence(read('docs/evidence.md'));
  /** @type {TextPage[]} */
  const pages = [];
  /** @type {Map<string, string>} */
  const headings = new Map();
  const index = families.map((family) => {
    const [preamble = '', ...parts] = family.split(/^(?=### )/m);
    const methods = parts.map(readMethod);
    for (const method of methods) {
      const address = `methods/${method.name}.html`;
      const slug = slugOf(method.title);
      // Grad-CAM and Grad-CAM++ have the same slug; the second heading's has a number.
      headings.set(headings.has(slug) ? `${slug}-1` : slug, address);
      const text = writePage(method, passes[method.name], evidence);
      pages.push({ source: SOURCE, address, short: method.title, text });
    }
    return `${preamble}\n<ul class="cards">\n${methods.map((method) => writeCard(method)).join('\n')}\n</ul>\n\n`;
  });
  return { index: intro + index.join(''), pages, headings };
}

/**
 * @param {string} part from one heading to the next
 * @returns {Described}
 */
function readMethod(part) {
  const [, title = ''] = /^### (.*)$/m.exec(part) ?? [];
  const [, name] = /^`([a-z0-9-]+)`/m.exec(part) ?? [];
  if (name === undefined) throw new Error(`docs/methods.md: ${title} does not begin with its name`);
  return { title, name, text: part.replace(/^### .*$/m, '').trim() };
}

/** @param {Described} method */
function writeCard({ title, name, text }) {
  const summary = /^`.*?`.*?\. (.*)$/m.exec(text)?.[1] ?? '';
  return `<li><a href="${name}.html"><img src="images/methods/${name}.webp" width="568" height="280" loading="lazy" alt="" /><strong>${escapeHtml(title)}</strong></a> <span>${escapeHtml(summary)}</span></li>`;
}

/**
 * @param {Described} method
 * @param {Passes | undefined} passes
 * @param {import('./method-evidence.mjs').EvidenceTable[]} evidence
 */
function writePage({ title, name, text }, passes, evidence) {
  const [first = '', ...rest] = text.split('\n\n');
  const [facts = '', ...remarks] = rest;
  const fact = (/** @type {string} */ label) =>
    new RegExp(`^- ${label}: (.*)$`, 'm').exec(facts)?.[1] ?? '';
  return `# ${title}

${first}

<figure class="maps"><img src="images/methods/scene.webp" width="280" height="280" alt="A scene with a cat and a dog" /><img src="images/methods/${name}.webp" width="568" height="280" alt="The maps of ${escapeHtml(title)} for the cat and for the dog" /><figcaption>The scene, and the maps for cat and for dog by <code>demo-resnet</code> at its layer <code>block3</code>. A script draws them alike for every method; RISE, noise and paths have 500 passes.</figcaption></figure>

## Formula

<p class="formula">${formulaHtml(fact('Formula'))}</p>

${remarks.length === 0 ? '' : `${remarks.join('\n\n')}\n\n`}Paper: ${fact('Paper')}. [All methods](methods.md) says what the letters mean.

## Use it

\`\`\`text
gradcam explain photo.jpg --model <your model> --method ${name}
\`\`\`

In a program: \`explain(model, image, { methods: ['${name}'] })\`.

## Cost

${capital(fact('Cost'))}.${passes === undefined ? '' : ` On \`demo-resnet\`, for one target: ${passesInWords(passes)}.`} \`gradcam methods --model <your model>\`
counts and times it on your model; [benchmarks](benchmarks.md) has figures of full-size nets.

## Evidence

Correct? ${capital(fact('Evidence'))}. The paths of tests start at \`packages/core/test/\`.

${evidenceText(name, evidence)}`;
}

/**
 * @param {string} name
 * @param {import('./method-evidence.mjs').EvidenceTable[]} evidence
 */
function evidenceText(name, evidence) {
  const tables = evidence.filter(({ rows }) => rows.has(name));
  if (tables.length === 0) {
    return `Useful? No figures of this method against the baselines were made; what noise as weights leaves of it is in [Is a
heatmap worth believing?](evidence.md#what-randomised-weights-leave-of-each-method)\n`;
  }
  const parts = tables.map(({ caption, columns, rows }) => {
    const names = [...new Set([name, 'grad-cam', 'random-cam', 'centre-blob', 'input-edges'])];
    const lines = names.map((one) => `| ${[one, ...(rows.get(one) ?? [])].join(' | ')} |`);
    return `${caption}\n\n| ${columns.join(' | ')} |\n|${columns.map(() => ' - ').join('|')}|\n${lines.join('\n')}\n`;
  });
  return `Useful? Its figures beside those of Grad-CAM and of the three baselines, which know nothing of the class, as a mean with
its 95 % interval. [Is a heatmap worth believing?](evidence.md#do-the-methods-beat-the-baselines) says what they mean.\n\n${parts.join('\n')}`;
}

/** @param {Passes} passes */
function passesInWords({ forwards, toLayer, toInput, tails }) {
  const many = (/** @type {number} */ n, kind = '', end = '') =>
    n === 0 ? [] : [`${n}${kind} ${n === 1 ? 'pass' : 'passes'}${end}`];
  return [
    ...many(forwards, ' forward'),
    ...many(toLayer, ' backward', ' to the layer'),
    ...many(toInput, ' backward', ' to the input'),
    ...many(tails, '', ' of the layers behind'),
  ].join(', ');
}

/** Writes the indices of a formula below the line. @param {string} formula */
const formulaHtml = (formula) =>
  escapeHtml(formula).replace(/(?<=[A-Za-zΣψα∫])_([a-z]+)/g, '<sub>$1</sub>');

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
