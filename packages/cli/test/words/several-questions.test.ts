import { parseResults, type FailureLine, type ResultLine } from '@gradcam/core';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../run-command.ts';
import { answering, asked, writePictures } from './word-nets.ts';

/** Two questions of the oracle, whose answers Keras gave. */
const [one, other] = asked.asked as readonly [
  (typeof asked.asked)[number],
  (typeof asked.asked)[number],
];
const wrong = one.answer === 'no' ? 'yes' : 'no';

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-several-'));
const at = (name: string): string => path.join(folder, name);
const table = `image,question,answer
pictures/a.png,"${one.question}",${one.answer}
pictures/b.png,"${other.question}",${other.answer}
pictures/a.png,"${other.question}",${other.answer}
pictures/b.png,"${one.question}",${wrong}
pictures/torn.png,"${one.question}",
pictures/torn.png,"${other.question}",
`;

beforeAll(async () => {
  await writePictures(folder, ['pictures/a.png', 'pictures/b.png']);
  writeFileSync(at('pictures/torn.png'), readFileSync(at('pictures/a.png')).subarray(0, 60));
  writeFileSync(at('table.csv'), table);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const given = ['explain', 'pictures', '--model', answering, '--questions', 'table.csv'];
const results = (out: string): string => path.join(at(out), 'results.jsonl');
const linesOf = (out: string): (ResultLine | FailureLine)[] =>
  parseResults(readFileSync(results(out), 'utf8')).lines;
const rowsOf = (out: string): string[] => readFileSync(results(out), 'utf8').trimEnd().split('\n');

async function explain(
  out: string,
  ...args: string[]
): Promise<{ stderr: string; stdout: string }> {
  const { code, ...said } = await runCommand([...given, '--out', out, ...args], folder);
  expect(code, said.stderr).toBe(1);
  return said;
}

/** What a line is about, and what it answers. */
const summary = (line: ResultLine | FailureLine): unknown[] =>
  'error' in line
    ? [line.image, line.question]
    : [line.image, ...Object.values(line.text!), line.correct];

const expected = [
  ['pictures/a.png', one.question, one.answer, true],
  ['pictures/a.png', other.question, other.answer, true],
  ['pictures/b.png', other.question, other.answer, true],
  ['pictures/b.png', one.question, one.answer, false],
  ['pictures/torn.png', one.question],
  ['pictures/torn.png', other.question],
];

describe('several questions about an image', { timeout: 180_000 }, () => {
  test('each has its line, its files and its answer; the end counts the answers', async () => {
    const { stderr } = await explain('run', '--save', 'overlay,raw,boxes', '--sheet');
    const lines = linesOf('run');
    expect(lines.map(summary)).toEqual(expected);
    expect(stderr).toContain('3 of 4 answers are those of the table, 75.0 %');
    const files = lines.flatMap((line) =>
      'error' in line ? [] : line.explanations.map(({ files }) => files['raw']!),
    );
    expect(new Set(files).size).toBe(files.length);
    // Each map is the one of a run that asks this question alone.
    const alone = ['explain', 'pictures/a.png', '--model', answering, '--ask', other.question];
    const { code } = await runCommand([...alone, '--save', 'raw', '--out', 'alone'], folder);
    expect(code).toBe(0);
    const raw = (out: string, line: ResultLine): Buffer =>
      readFileSync(path.join(at(out), line.explanations[0]!.files['raw']!));
    const [single] = linesOf('alone') as ResultLine[];
    expect(raw('run', lines[1] as ResultLine).equals(raw('alone', single!))).toBe(true);
    // The annotations list a picture once, and say which question each answer belongs to.
    const coco = JSON.parse(readFileSync(at('run/annotations.coco.json'), 'utf8')) as {
      images: { id: number; file_name: string }[];
      annotations: { image_id: number; question: string }[];
    };
    expect(coco.images.map(({ file_name }) => file_name)).toEqual([
      'pictures/a.png',
      'pictures/b.png',
    ]);
    expect(
      coco.annotations.slice(0, 2).map(({ image_id, question }) => [image_id, question]),
    ).toEqual([
      [1, one.question],
      [1, other.question],
    ]);
  });

  test('a resumed run asks only what has no line yet, also behind failures of early versions', async () => {
    await explain('resumed');
    const rows = rowsOf('resumed');
    // The second question of the first image is lost, and the failures do not name their questions.
    const cut = rows
      .filter((_, i) => i !== 1)
      .map((row) => row.replace(/"question":"[^"]*",(?="error")/, ''));
    expect(cut.filter((row) => row.includes('"error"') && !row.includes('question'))).toHaveLength(
      2,
    );
    writeFileSync(results('resumed'), `${cut.join('\n')}\n`);
    const { stderr, stdout } = await explain('resumed', '--resume', '--json');
    expect(stderr).toContain('3 of 6 questions are done, 3 to do');
    expect(parseResults(stdout).lines.map(summary)).toEqual([
      expected[1],
      expected[4],
      expected[5],
    ]);
    const sorted = (lines: unknown[]): string[] => lines.map((line) => JSON.stringify(line)).sort();
    expect(sorted(linesOf('resumed').map(summary))).toEqual(sorted(expected));
  });

  test('a report has all questions, or those that the words of --images choose', async () => {
    await explain('told');
    const view = ['view', 'told', '--export', 'page.html'];
    const all = await runCommand(view, folder);
    expect(all.code, all.stderr).toBe(0);
    expect(all.stderr).toContain('6 questions: the page will have about');
    const some = await runCommand([...view, '--images', 'cats'], folder);
    expect(some.code, some.stderr).toBe(0);
    expect(some.stderr).toContain('3 images: the page');
  });
});
