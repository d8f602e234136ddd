import type { Cell, Evaluation } from './evaluation.ts';
import { VERDICT_IMAGES } from './summarise.ts';

/** Formats the table as CSV, with a line for each row and metric. */
export function formatCsv({ rows, metrics }: Evaluation): string {
  const lines = rows.flatMap(({ row, kind, cells, ms }) => [
    ...metrics.map(({ name, better }) => line(row, kind, name, better, cells[name] ?? null)),
    line(row, kind, 'ms', 'lower', ms),
  ]);
  return `row,kind,metric,better,mean,low,high,images,without\n${lines.join('\n')}\n`;
}

function line(
  row: string,
  kind: string,
  metric: string,
  better: string,
  cell: Cell | null,
): string {
  const numbers =
    cell === null
      ? ['', '', '', 0, '']
      : [cell.mean, cell.low, cell.high, cell.images, cell.without];
  return [row, kind, metric, better, ...numbers].join(',');
}

/** Formats the table as Markdown, with the settings below it. */
export function formatMarkdown(evaluation: Evaluation): string {
  const { model, images, settings, engine, finishedAt } = evaluation;
  const table = tableOf(evaluation);
  const rows = [table[0]!, table[0]!.map(() => '---'), ...table.slice(1)];
  return [
    `# Evidence for ${model.id}`,
    '',
    `${describeImages(evaluation)}; score: ${settings.score}; layer: ${settings.layer}; seed ${settings.seed};`,
    `engine ${engine}; ${finishedAt}. Means over images with 95 % bootstrap intervals.`,
    ...(images.failed > 0 ? ['', `${images.failed} images failed.`] : []),
    '',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    ...describeVerdicts(evaluation).map((text) => `- ${text}`),
    '',
  ].join('\n');
}

/** Formats the table for a terminal, with aligned columns. */
export function formatText(evaluation: Evaluation): string[] {
  const table = tableOf(evaluation);
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return [
    ...table.map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    ),
    '',
    ...describeVerdicts(evaluation),
  ];
}

/** A sentence with the number of images and classes from which the numbers were computed. */
export function describeImages({ images }: Evaluation): string {
  const { evaluated, questions, classes, withoutClass } = images;
  const [what, explained] =
    questions === undefined ? ['images', 'classes'] : ['questions', 'answers'];
  const others = withoutClass === 0 ? '' : `, ${withoutClass} ${what} without an annotated class`;
  const asked = questions === undefined ? '' : `, questions: ${questions}`;
  return `images evaluated: ${evaluated}${asked}, ${explained} explained: ${classes}${others}`;
}

function tableOf({ rows, metrics }: Evaluation): string[][] {
  const arrows: Readonly<Record<string, string>> = { higher: ' (high)', lower: ' (low)' };
  return [
    ['', ...metrics.map(({ name, better }) => `${name}${arrows[better] ?? ''}`), 'ms per image'],
    ...rows.map(({ row, cells, ms }) => [
      row,
      ...metrics.map(({ name }) => formatCell(cells[name] ?? null)),
      ms === null ? '-' : ms.mean.toFixed(1),
    ]),
  ];
}

function formatCell(cell: Cell | null): string {
  if (cell === null) return '-';
  return `${cell.mean.toFixed(3)} [${cell.low.toFixed(3)}, ${cell.high.toFixed(3)}]`;
}

/** Sentences that name the baselines that a method does not beat, one for each method and metric. */
function describeVerdicts({ rows, metrics, images }: Evaluation): string[] {
  if (images.evaluated < VERDICT_IMAGES) {
    return [
      `Fewer than ${VERDICT_IMAGES} images: they are too few to say which methods beat a baseline.`,
    ];
  }
  const methods = rows.filter(({ kind }) => kind === 'method');
  const failures = methods.flatMap(({ row, cells }) =>
    metrics.flatMap(({ name }) => {
      const lost = cells[name]?.doesNotBeat ?? [];
      return lost.length === 0 ? [] : [`${row} does not beat ${lost.join(', ')} in ${name}`];
    }),
  );
  if (failures.length > 0 || methods.length === 0) return failures;
  return ['Every method beats every baseline in every metric that says which value is good.'];
}
