import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { models } from '../demo-nets.ts';
import { root, runCommand } from '../run-command.ts';
import { answering, asked, writePictures, writing } from './word-nets.ts';

/** By `tools/oracles/question_evaluation.py`: Keras in float64, with the map and its order by NumPy. */
const oracle = JSON.parse(
  readFileSync(path.join(root, 'packages/core/test/fixtures/words/evaluation.json'), 'utf8'),
) as {
  readonly steps: number;
  readonly questions: readonly {
    readonly question: string;
    readonly answer: string;
    readonly scores: readonly number[];
    readonly deletion: number;
    readonly peak: readonly [x: number, y: number];
  }[];
};

/** Curves are stored with six digits; the probabilities of a float32 net differ by about 1e-6. */
const DIGITS = 5;

interface Line {
  readonly image: string;
  readonly question: string;
  readonly classes: readonly {
    readonly label: string;
    readonly maps: readonly {
      readonly row: string;
      readonly values: Readonly<Record<string, number | null>>;
      readonly curves: Readonly<Record<string, readonly number[]>>;
    }[];
  }[];
}

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-evaluated-'));
const at = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  await writePictures(folder, ['pictures/a.png', 'pictures/b.png']);
  const rows = oracle.questions.flatMap(({ question }, i) => [
    `pictures/a.png,"${question}"`,
    ...(i === 1 ? [`pictures/b.png,"${question}"`] : []),
  ]);
  writeFileSync(at('table.csv'), `image,question\n${rows.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const evaluate = async (...args: string[]): ReturnType<typeof runCommand> =>
  runCommand(['evaluate', ...args, '--model', answering, '--steps', String(oracle.steps)], folder);

function linesOf(out: string): Line[] {
  const [, ...rows] = readFileSync(path.join(at(out), 'evaluation.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  return rows.map((row) => JSON.parse(row) as Line);
}

const evaluationOf = (out: string): { images: object; rows: { row: string; cells: object }[] } =>
  JSON.parse(readFileSync(path.join(at(out), 'evaluation.json'), 'utf8')) as never;

function mapOf(line: Line, row: string): Line['classes'][number]['maps'][number] {
  return line.classes[0]!.maps.find((map) => map.row === row)!;
}

describe('the maps of answers, with the question fixed', { timeout: 120_000 }, () => {
  test('deletion follows the answer as Keras does, question by question', async () => {
    const args = ['pictures', '--questions', 'table.csv', '--metric', 'deletion'];
    const { code, stdout, stderr } = await evaluate(...args, '--out', 'table');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('images evaluated: 2, questions: 4, answers explained: 4');
    const lines = linesOf('table');
    expect(lines.map(({ image, question }) => [path.basename(image), question])).toEqual([
      ...oracle.questions.map(({ question }) => ['a.png', question]),
      ['b.png', oracle.questions[1]!.question],
    ]);
    for (const [i, { scores, deletion, answer }] of oracle.questions.entries()) {
      const { values, curves } = mapOf(lines[i]!, 'grad-cam');
      expect(lines[i]!.classes[0]!.label).toBe(answer);
      expect(values['deletion']).toBeCloseTo(deletion, DIGITS);
      expect(curves['deletion']).toHaveLength(scores.length);
      for (const [step, score] of scores.entries()) {
        expect(curves['deletion']![step]).toBeCloseTo(score, DIGITS);
      }
    }
    // A picture counts once, with the mean of its questions.
    const [one, two, three] = oracle.questions.map(({ deletion }) => deletion);
    const mean = ((one! + two! + three!) / 3 + two!) / 2;
    const cell = evaluationOf('table').rows.find(({ row }) => row === 'grad-cam')!.cells;
    expect(cell).toMatchObject({ deletion: { images: 2, mean: expect.closeTo(mean, DIGITS) } });
    expect(stdout).toContain('grad-cam');
  });

  test('the answers of a table are not used, which is said', async () => {
    const [asked] = oracle.questions;
    const wrong = asked!.answer === 'no' ? 'yes' : 'no';
    const row = `pictures/a.png,"${asked!.question}",${wrong}`;
    writeFileSync(at('answers.csv'), `image,question,answer\n${row}\n`);
    const args = ['pictures/a.png', '--questions', 'answers.csv', '--metric', 'deletion'];
    const { code, stderr } = await evaluate(...args, '--out', 'answers');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
      "--questions answers.csv: its answers are not used; --target says whose map is measured, by default that of the model's own answer",
    );
    const [line] = linesOf('answers');
    expect(line!.classes[0]!.label).toBe(asked!.answer);
    expect(mapOf(line!, 'grad-cam').values['deletion']).toBeCloseTo(asked!.deletion, DIGITS);
  });

  test('the run of a table brings its questions, and --resume keeps what is done', async () => {
    const given = ['explain', 'pictures', '--model', answering, '--questions', 'table.csv'];
    const run = await runCommand([...given, '--save', 'raw', '--out', 'run'], folder);
    expect(run.code, run.stderr).toBe(0);
    const first = await evaluate('run', '--metric', 'deletion');
    expect(first.code, first.stderr).toBe(0);
    const lines = linesOf('run');
    expect(lines.map(({ question }) => question)).toEqual(
      [0, 1, 2, 1].map((i) => oracle.questions[i]!.question),
    );
    const file = at('run/evaluation.jsonl');
    const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
    writeFileSync(file, `${[...rows.slice(0, 2), ...rows.slice(3)].join('\n')}\n`);
    const again = await evaluate('run', '--metric', 'deletion', '--resume');
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toContain('resumed: 3 of 4 questions are done, 1 to do');
    const sorted = (all: readonly Line[]): string[] =>
      all.map(({ image, question, classes }) => JSON.stringify([image, question, classes])).sort();
    expect(sorted(linesOf('run'))).toEqual(sorted(lines));
  });

  test('the pointing game judges an answer that names an annotated object', async () => {
    const [{ question, answer, peak }] = oracle.questions as [(typeof oracle.questions)[number]];
    const boxAt = async (x: number, y: number, category: string, out: string): Promise<void> => {
      writeFileSync(
        at('coco.json'),
        JSON.stringify({
          images: [{ id: 1, file_name: 'a.png', width: 24, height: 20 }],
          categories: [{ id: 1, name: category }],
          annotations: [{ image_id: 1, category_id: 1, bbox: [x, y, 3, 3] }],
        }),
      );
      const args = ['pictures/a.png', '--ask', question, '--boxes', 'coco.json'];
      const { code, stderr } = await evaluate(...args, '--metric', 'pointing', '--out', out);
      expect(code, stderr).toBe(0);
    };
    await boxAt(peak[0] - 1, peak[1] - 1, answer, 'hit');
    expect(mapOf(linesOf('hit')[0]!, 'grad-cam').values).toMatchObject({ pointing: 1 });
    await boxAt((peak[0] + 12) % 21, (peak[1] + 10) % 17, answer, 'miss');
    expect(mapOf(linesOf('miss')[0]!, 'grad-cam').values).toMatchObject({ pointing: 0 });
    // The answer names another thing than what is annotated.
    await boxAt(0, 0, asked.asked.find((one) => one.answer !== answer)!.answer, 'other');
    expect(evaluationOf('other').images).toMatchObject({ evaluated: 0, withoutClass: 1 });
  });

  test('every metric measures a question, the model with noise as weights included', async () => {
    const metrics = 'deletion,insertion,drop,road,infidelity,sparseness,sensitivity,contrast';
    const args = ['pictures/a.png', '--ask', oracle.questions[2]!.question, '--out', 'all'];
    const { code, stderr } = await evaluate(...args, '--metric', `${metrics},randomisation`);
    expect(code, stderr).toBe(0);
    const { values } = mapOf(linesOf('all')[0]!, 'grad-cam');
    expect(Object.keys(values).length).toBeGreaterThan(10);
    expect(values['deletion']).toBeCloseTo(oracle.questions[2]!.deletion, DIGITS);
  });
});

describe('what is refused, in one line and without a folder', { timeout: 120_000 }, () => {
  const picture = ['pictures/a.png', '--out', 'none'];
  test.each([
    [[], 64, 'question answers questions; give --ask "<question>" or --questions <csv>'],
    [['--ask', 'what', '--questions', 'table.csv'], 64, '--ask and --questions exclude each other'],
    [['--ask', '?!'], 64, "--ask: expected words, found none in '?!'"],
    [['--questions', 'nosuch.csv'], 66, '--questions nosuch.csv'],
  ])('%j', async (args, status, message) => {
    const { code, stdout, stderr } = await evaluate(...picture, ...args);
    expect([code, stdout]).toEqual([status, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(existsSync(at('none'))).toBe(false);
  });

  test('a model of captions, and a question to a model of pictures', async () => {
    const told = await runCommand(['evaluate', ...picture, '--model', writing], folder);
    expect(told.code).toBe(65);
    expect(told.stderr).toContain('writes captions');
    const classes = ['--model', 'demo-vgg', '--models', models, '--ask', 'what'];
    const asking = await runCommand(['evaluate', ...picture, ...classes], folder);
    expect(asking.code).toBe(64);
    expect(asking.stderr).toContain('--ask: demo-vgg answers no questions');
  });
});
