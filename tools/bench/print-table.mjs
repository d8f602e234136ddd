// @ts-check
/**
 * Prints the rows of the benchmark as a Markdown table for docs/benchmarks.md:
 * node tools/bench/print-table.mjs <file that run-bench.mjs --json wrote>
 */
import { readFileSync } from 'node:fs';

/** @typedef {import('./run-bench.mjs').Row} Row */

const [, , file = ''] = process.argv;
const { machine, rows } = /** @type {{ machine: Record<string, unknown>, rows: Row[] }} */ (
  JSON.parse(readFileSync(file, 'utf8'))
);
process.stdout.write(`${JSON.stringify(machine)}\n\n`);
process.stdout.write(
  '| net | what | ratio (CPU) | target | detail |\n| --- | --- | --- | --- | --- |\n',
);
for (const { net, what, ratio, cpuRatio, value, target = '-', detail } of rows) {
  const cpu = cpuRatio === undefined ? '' : ` (${cpuRatio.toFixed(2)})`;
  const figure = ratio === undefined ? value : `${ratio.toFixed(2)}${cpu}`;
  const cells = [net, what, figure, target, detail].map((cell) =>
    String(cell).replaceAll('|', '/'),
  );
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
