// @ts-check
/** The text of docs/layers.md, made from docs/tables and the lists of layers that tools/oracles wrote. */
import { readdirSync, readFileSync } from 'node:fs';
import { format } from 'prettier';

/**
 * @typedef {{ read?: unknown[], unread?: unknown[], refused?: unknown[], why?: string, note?:
 * string, here?: string }} Option
 * @typedef {{ does: string, as?: string, why?: string, note?: string, options?: Record<string,
 * Option> }} Layer
 * @typedef {{ title: string, layers: Record<string, Layer> }} Table
 * @typedef {{ layers: Record<string, unknown>, aliases?: Record<string, string> }} Program
 */

const root = new URL('../../', import.meta.url);

/**
 * @template T
 * @param {string} path
 * @returns {T}
 */
const read = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

const HEAD = `# Layers of others

Every layer of Keras 3, Keras 2 (tf.keras) and tfjs-layers, and every option that stands in a file, with what is done
with it. Written by \`tools/docs/write-layers-page.mjs\` from [tables](tables); tests hold every row: a value under
"read" is computed by the Keras that wrote it, in float64, and compared on two engines, output and gradient, and as
tfjs writes it with what tfjs-layers computes; a value
under "refused" gives an error of one line with the layer, the option, the value and the reason; a value under "no
effect" leaves the network as it is. How whole models are read is in [models.md](models.md).

- **read**: with the numbers of the program that wrote it.
- **nothing**: at inference the layer gives out what goes in, which the tests' oracle has seen.
- **tfjs-layers**: run by the engine of \`@gradcam/core/layers\`, which the command takes by itself; refused without.
- **refused**: with the reason.
`;

/** @returns {Promise<string>} */
export async function formatLayersPage() {
  const files = readdirSync(new URL('docs/tables/layers', root));
  const numbered = files.sort((a, b) => parseInt(a, 10) - parseInt(b, 10));
  /** @type {Table[]} */
  const tables = numbered.map((file) => read(`docs/tables/layers/${file}`));
  /** @type {Record<string, Program>} */
  const programs = {
    ...read('packages/core/test/fixtures/tables/keras-options.json'),
    ...read('packages/core/test/fixtures/tables/tfjs-options.json'),
  };
  const parts = tables.map((table) => describeTable(table, programs));
  const text = [HEAD, ...parts, describeCommon(), describeWeights()].join('\n\n');
  return format(text, { parser: 'markdown', printWidth: 100 });
}

/**
 * @param {Table} table
 * @param {Record<string, Program>} programs
 */
function describeTable({ title, layers }, programs) {
  const lines = Object.entries(layers).map(
    ([name, { does, as, why, note }]) =>
      `| ${name}${aliasesOf(name, programs)} | ${writersOf(name, programs)} | ${verdictOf(does, as)} | ${sentence(why, note)} |`,
  );
  const options = Object.entries(layers).flatMap(([name, { options = {} }]) =>
    Object.entries(options).map(([option, row]) => `| ${name} | ${describeOption(option, row)}`),
  );
  const rows = `## ${title}\n\n| layer | of | what is done | |\n|-|-|-|-|\n${lines.join('\n')}`;
  if (options.length === 0) return rows;
  return `${rows}\n\n| layer | option | read | refused | no effect |\n|-|-|-|-|-|\n${options.join('\n')}`;
}

/**
 * @param {string} does
 * @param {string | undefined} as
 */
function verdictOf(does, as) {
  if (does === 'as') return `as ${as}`;
  if (does === 'part') return 'a part of another layer';
  return does;
}

/**
 * @param {string} option
 * @param {Option} row
 */
function describeOption(option, { read: known = [], refused = [], unread = [], note, here }) {
  const values = here === undefined ? list(known) : `by rules of its own (\`${here}\`)`;
  return `\`${option}\` | ${values}${note === undefined ? '' : ` (${note})`} | ${list(refused)} | ${list(unread)} |`;
}

/** @param {readonly unknown[]} values */
function list(values) {
  const texts = values.map((entry) => {
    const { is, with: others } = /** @type {{ is: unknown, with?: Record<string, unknown> }} */ (
      typeof entry === 'object' && entry !== null && 'is' in entry ? entry : { is: entry }
    );
    const beside = Object.entries(others ?? {}).map(([name, value]) => `${name} ${code(value)}`);
    return beside.length === 0 ? code(is) : `${code(is)} with ${beside.join(' and ')}`;
  });
  return [...new Set(texts)].join(', ');
}

/** @param {unknown} value */
function code(value) {
  return `\`${JSON.stringify(value).replaceAll(',', ', ').replaceAll('|', '\\|')}\``;
}

/**
 * @param {string | undefined} why
 * @param {string | undefined} note
 */
function sentence(why, note) {
  return [why, note].filter((text) => text !== undefined).join('; ');
}

/**
 * @param {string} name
 * @param {Record<string, Program>} programs
 */
function writersOf(name, programs) {
  const titles = { keras3: 'Keras 3', keras2: 'Keras 2', tfjs: 'tfjs' };
  const found = Object.entries(titles).filter(([key]) => name in (programs[key]?.layers ?? {}));
  return found.map(([, title]) => title).join(', ');
}

/**
 * @param {string} name
 * @param {Record<string, Program>} programs
 */
function aliasesOf(name, programs) {
  const all = Object.values(programs).flatMap(({ aliases = {} }) => Object.entries(aliases));
  const found = [...new Set(all.filter(([, of]) => of === name).map(([alias]) => alias))];
  return found.length === 0 ? '' : ` (${found.join(', ')})`;
}

function describeCommon() {
  /** @type {{ title: string, options: Record<string, Option>, beside: Record<string, unknown[]> }} */
  const { title, options, beside } = read('docs/tables/common.json');
  const rows = Object.entries(options).map(
    ([option, { unread = [], refused = [], note = '' }]) =>
      `| \`${option}\` | ${list(unread)} | ${list(refused)} | ${note} |`,
  );
  const fields = Object.keys(beside).map((field) => `\`${field}\``);
  return `## ${title}\n\n| option | no effect | refused | |\n|-|-|-|-|\n${rows.join('\n')}\n\nBeside the configuration ${fields.join(', ')} have no effect; the file's \`keras_version\` says who wrote it.`;
}

function describeWeights() {
  /**
   * @type {{ title: string, rows: { dtype: string, quantization?: unknown, does: string, why?:
   * string, note?: string }[], names: { name: string, note: string }[], places: string[] }}
   */
  const { title, rows, names, places } = read('docs/tables/weights.json');
  const lines = rows.map(
    ({ dtype, quantization, does, why, note }) =>
      `| ${dtype} | ${quantization === undefined ? '' : code(quantization)} | ${does} | ${sentence(why, note)} |`,
  );
  const called = names.map(({ name, note }) => `\`${name}\` (${note})`);
  return `## ${title}\n\nEach that is read in each of these places: ${places.join('; ')}; and by each of these names of a weight \`kernel\` of a layer \`dense\` in a model \`net\`: ${called.join(', ')}.\n\n| dtype | quantization | what is done | |\n|-|-|-|-|\n${lines.join('\n')}`;
}
