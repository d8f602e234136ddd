// @ts-check
/** Reads the tables of docs/evidence.md that have a row for each method. */

/**
 * A table of figures: what it was measured on, and the cells behind each method's name.
 *
 * @typedef {{ caption: string, columns: string[], rows: Map<string, string[]> }} EvidenceTable
 */

/**
 * @param {string} text of the page
 * @returns {EvidenceTable[]}
 */
export function readEvidence(text) {
  const blocks = text.split('\n\n');
  return blocks.flatMap((block, i) => {
    if (!/^\| method +\|/.test(block)) return [];
    const [columns = [], , ...lines] = block
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const rows = new Map(lines.map(([name = '', ...cells]) => [name, cells]));
    return [{ caption: (blocks[i - 1] ?? '').replaceAll('\n', ' '), columns, rows }];
  });
}
