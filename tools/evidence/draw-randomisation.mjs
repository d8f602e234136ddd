// @ts-check
// Draws the figures of randomisation.mjs as one picture: a row for each method, a column for each step.
//   node tools/evidence/draw-randomisation.mjs <out.png> <json> ..
// It prints the same as a table in Markdown: Spearman's correlation after the first and after the last step.
import { readFileSync } from 'node:fs';
import sharp from 'sharp';

const [out, ...files] = process.argv.slice(2);
if (out === undefined || files.length === 0) {
  throw new Error('say which: node tools/evidence/draw-randomisation.mjs <out.png> <json> ..');
}
/**
 * @typedef {Record<string, (number | null)[]>} Correlations
 * @typedef {{model: string, images: number, layers: number, spearman: Correlations}} Figures
 */
const figures = files.map(
  (file) => /** @type {Figures} */ (JSON.parse(readFileSync(file, 'utf8'))),
);
const names = [...new Set(figures.flatMap(({ spearman }) => Object.keys(spearman)))];

const CELL = { width: 44, height: 20 };
const LEFT = 190;
const TOP = 58;
const GAP = 24;
/** Columns of each model, and where they begin. */
const columns = figures.map(({ spearman }) =>
  Math.max(...Object.values(spearman).map((row) => row.length)),
);
const starts = columns.map((_, model) =>
  columns.slice(0, model).reduce((x, count) => x + Math.max(5, count) * CELL.width + GAP, LEFT),
);
const width = /** @type {number} */ (starts.at(-1)) + (columns.at(-1) ?? 0) * CELL.width + GAP;
const height = TOP + names.length * CELL.height + 40;

/** White where the map is another one, red where it is as before, blue where its order is turned round. */
const colourOf = (/** @type {number | null | undefined} */ value) => {
  if (value === null || value === undefined) return '#dddddd';
  const [red, green, blue] = value < 0 ? [20, 70, 200] : [200, 20, 30];
  const mix = (/** @type {number} */ part) => Math.round(255 + (part - 255) * Math.abs(value));
  return `rgb(${mix(red)},${mix(green)},${mix(blue)})`;
};
const text = (
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {string} */ content,
  extra = '',
) =>
  `<text x="${x}" y="${y}" font-family="Inter, DejaVu Sans, sans-serif" font-size="12" ${extra}>${content}</text>`;

const parts = [`<rect width="${width}" height="${height}" fill="white"/>`];
names.forEach((name, row) => {
  const y = TOP + row * CELL.height;
  parts.push(text(LEFT - 10, y + 14, name, 'text-anchor="end"'));
  figures.forEach(({ spearman }, model) => {
    for (let step = 0; step < (columns[model] ?? 0); step++) {
      const value = spearman[name]?.[step];
      const x = (starts[model] ?? 0) + step * CELL.width;
      const { width: w, height: h } = CELL;
      parts.push(
        `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${colourOf(value)}" stroke="white"/>`,
      );
      const shown = spearman[name] === undefined ? '' : value == null ? 'blank' : value.toFixed(2);
      const ink = value != null && Math.abs(value) > 0.6 ? 'white' : '#222222';
      parts.push(
        text(x + w / 2, y + 14, shown.replace('-', '−'), `text-anchor="middle" fill="${ink}"`),
      );
    }
  });
});
figures.forEach(({ model, images, layers }, place) => {
  const x = starts[place] ?? 0;
  const steps = columns[place] ?? 0;
  parts.push(text(x, 18, `${model}, ${images} images`, 'font-weight="bold"'));
  parts.push(text(x, 34, `${layers} layers become noise`));
  for (let step = 0; step < steps; step++) {
    const share = `${Math.round((100 * (step + 1)) / steps)} %`;
    parts.push(
      text(x + (step + 0.5) * CELL.width, 52, share, 'text-anchor="middle" fill="#555555"'),
    );
  }
});
parts.push(
  text(
    LEFT,
    height - 14,
    'Spearman’s correlation with the map of the trained net; layers from the output to the input',
  ),
);
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`;
await sharp(Buffer.from(svg)).png({ palette: true }).toFile(out);

const cell = (/** @type {number | null | undefined} */ value) =>
  value == null ? 'blank' : value.toFixed(2);
console.log(
  `| method | ${figures.map(({ model }) => `${model}, first / last step`).join(' | ')} |`,
);
console.log(`| --- | ${figures.map(() => '---').join(' | ')} |`);
for (const name of names) {
  const cells = figures.map(({ spearman }) => {
    const row = spearman[name];
    return row === undefined ? 'not possible' : `${cell(row[0])} / ${cell(row.at(-1))}`;
  });
  console.log(`| \`${name}\` | ${cells.join(' | ')} |`);
}
