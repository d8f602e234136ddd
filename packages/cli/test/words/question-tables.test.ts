import { describeModel, parseResults, type ModelDescription, type ResultLine } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readQuestions, type QuestionTable } from '../../src/inputs/questions.ts';
import { runCommand } from '../run-command.ts';
import { answering, asked, writePictures } from './word-nets.ts';

const [first, second] = asked.asked as readonly [
  (typeof asked.asked)[number],
  (typeof asked.asked)[number],
];
const wrong = first.answer === 'no' ? 'yes' : 'no';

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-tables-'));
const at = (name: string): string => path.join(folder, name);
const images = ['a', 'b'].map((name) => at(`pictures/${name}.png`));
let model: ModelDescription;
beforeAll(async () => {
  model = await describeModel(openModelFolder(answering));
  await writePictures(folder, ['pictures/a.png', 'pictures/b.png', 'pictures/c.png']);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(table: string, given = images): Promise<QuestionTable> {
  writeFileSync(at('table.csv'), table);
  return readQuestions(at('table.csv'), given, model);
}

const questionsOf = ({ questions }: QuestionTable): unknown[] => images.map(questions.find);

describe('tables that are read', () => {
  const plain = 'pictures/a.png,what is left\npictures/b.png,how many dogs\n';

  test.each([
    ['without a header', plain],
    ['with a header', `image,question\n${plain}`],
    ['with a header of other names', `Path,Question,Answer\n${plain}`],
    [
      'of Windows, with a byte order mark',
      `\ufeffimage,question\r\n${plain.replaceAll('\n', '\r\n')}`,
    ],
    [
      'with empty lines and spaces',
      `\n\nimage , question\n\n pictures/a.png , what is left \n${plain}\n\n`,
    ],
    ['with a row twice', `${plain}${plain}`],
    [
      'with columns in another order, and others',
      'id,Question,image,answer,by\n7,what is left,pictures/a.png,,me\n8,how many dogs,pictures/b.png,yes,you\n',
    ],
    [
      'of Excel where a comma is the decimal point',
      'image;question\n"pictures/a.png";what is left\npictures/b.png;how many dogs\n',
    ],
    [
      'with tabs, and a comma in the header',
      'image\tquestion\tsize, in cm\npictures/a.png\twhat is left\t1,5\npictures/b.png\thow many dogs\t2,5',
    ],
    ['in quotes', '"pictures/a.png","what is left"\n"pictures/b.png","how many dogs"'],
  ])('%s', async (_, table) => {
    const found = await read(table);
    expect(questionsOf(found)).toEqual([['what is left'], ['how many dogs']]);
    expect(found.unused).toBe(0);
  });

  test('the Unicode text of Excel: UTF-16 with tabs', async () => {
    const rows = ['image\tquestion', ...images.map((image) => `${image}\twhat is left`)];
    writeFileSync(at('unicode.txt'), `\ufeff${rows.join('\r\n')}\r\n`, 'utf16le');
    const found = await readQuestions(at('unicode.txt'), images, model);
    expect(questionsOf(found)).toEqual([['what is left'], ['what is left']]);
  });

  test('commas, quotes, lines, emoji and scripts within a question', async () => {
    const question = 'what, then,\nis "left" 🐶 of \u0643\u0644\u0628';
    const cell = `"${question.replaceAll('"', '""')}"`;
    const found = await read(`pictures/a.png,${cell}\npictures/b.png,${cell},yes`);
    expect(questionsOf(found)).toEqual([[question], [question]]);
    expect(found.truth?.find(images[1]!, question)).toEqual({ index: 0, label: 'yes' });
    expect(found.truth?.find(images[0]!, question)).toBeUndefined();
  });

  test('several questions about an image, each with its answer, in the order of the table', async () => {
    const [a, b] = ['pictures/a.png', 'pictures/b.png'];
    const rows = [`${a},how many dogs,no`, `${b},a dog,`, `${a},what is left,yes`, `${a},a dog,`];
    const found = await read(`image,question,answer\n${rows.join('\n')}`);
    expect(questionsOf(found)).toEqual([['how many dogs', 'what is left', 'a dog'], ['a dog']]);
    const answers = found.questions
      .find(images[0]!)
      .map((question) => found.truth!.find(images[0]!, question)?.label);
    expect(answers).toEqual(['no', 'yes', undefined]);
    expect(found.truth!.find(images[1]!, 'a dog')).toBeUndefined();
  });

  test('whole paths, and rows about other images', async () => {
    const rows = [...images, at('other.png')].map((image) => `${image},a dog`);
    const found = await read(rows.join('\n'));
    expect(questionsOf(found)).toEqual([['a dog'], ['a dog']]);
    expect(found.unused).toBe(1);
  });

  test('100,000 rows with 20,000 words and 3,000 answers in seconds', async () => {
    const words = ['', '[UNK]', ...Array.from({ length: 20_000 }, (_, i) => `word${i}`)];
    const labels = Array.from({ length: 3000 }, (_, i) => `answer ${i}`);
    const large: ModelDescription = {
      ...model,
      text: { ...model.text!, vocabulary: words },
      classNames: { labels, wnids: [] },
    };
    const many = Array.from({ length: 100_000 }, (_, i) => at(`pictures/${i}.png`));
    const rows = many.map(
      (image, i) => `${image},"is word${i % 20_000}, here? ${i}",${labels[i % 3000]}`,
    );
    writeFileSync(at('large.csv'), rows.join('\n'));
    const start = performance.now();
    const { questions, truth } = await readQuestions(at('large.csv'), many, large);
    // Without a table of words that is kept, each row takes some milliseconds: minutes in all.
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(questions.find(many[99_999]!)).toEqual(['is word19999, here? 99999']);
    expect(truth!.find(many[3001]!, 'is word3001, here? 3001')).toEqual({
      index: 1,
      label: 'answer 1',
    });
  }, 60_000);
});

describe('tables that are refused', () => {
  const a = 'pictures/a.png';
  test.each([
    [
      'another answer to the same question',
      `${a},what,yes\n${a},what,no`,
      `line 2: ${a} has another answer to this question in line 1`,
    ],
    [
      'an answer once and none once',
      `${a},what,yes\n${a},what`,
      `line 2: ${a} has another answer to this question in line 1`,
    ],
    [
      'semicolons',
      `${a};what`,
      `found '${a};what'; without a header image,question the columns are separated by commas`,
    ],
    ['tabs', `${a}\twhat`, 'without a header image,question the columns are separated by commas'],
    [
      'a comma without quotes',
      `${a},what, then, is left`,
      `found '${a},what,then,is left'; a question with a comma stands in double quotes`,
    ],
    [
      'a comma without quotes behind a header',
      `image,question\n${a},what, then`,
      'line 2: expected image,question or image,question,answer; found',
    ],
    ['an empty question', `image,question\n${a},`, 'line 2: expected image,question'],
    ['a question of spaces', `${a},"  "`, 'line 1: question: expected words, found none'],
    ['a question without words', `${a},🐶`, "line 1: question: expected words, found none in '🐶'"],
    [
      '100 kB',
      `${a},${'dog '.repeat(25_000)}`,
      'line 1: question: expected at most 10000 characters',
    ],
    [
      'two columns of one name',
      `image,question,Question\n${a},b,c`,
      'two columns are called Question',
    ],
    ['two columns of images', `image,path,question\n${a},b,c`, 'two columns are called path'],
    ['an open quote', `${a},"what`, 'Quote Not Closed'],
    ['nothing', '', `no question for ${images[0]} and 1 more images`],
    ['a header alone', 'image,question\n', 'no question for'],
    ['an answer that is no class', `${a},what,maybe`, "line 1: no class 'maybe'"],
  ])('%s', async (_, table, message) => {
    const error = await read(table).catch((caught: unknown) => caught as Error);
    expect((error as Error).message).toContain(message);
    expect((error as { exitCode?: number }).exitCode).toBe(65);
    expect((error as Error).message.length).toBeLessThan(600);
  });

  test('a path that means two images of the run', async () => {
    const both = [path.resolve('x.png'), at('x.png')];
    await expect(read('x.png,what', both)).rejects.toThrow(
      `line 1: x.png is both ${at('x.png')} and ${path.resolve('x.png')} of the run; write whole paths`,
    );
    // With one of them in the run, it means that one.
    const found = await read('x.png,what', [both[0]!]);
    expect(found.questions.find(both[0]!)).toEqual(['what']);
  });
});

describe('a run of a table', () => {
  const table = `image,question,answer
pictures/a.png,${first.question},${first.answer}
pictures/b.png,"${first.question}",${wrong}
pictures/c.png,${second.question}
pictures/d.png,${second.question}
`;

  async function explain(name: string, ...args: string[]): Promise<ResultLine[]> {
    const out = at(name);
    writeFileSync(at('run.csv'), table);
    const given = ['explain', 'pictures', '--model', answering, '--questions', 'run.csv'];
    const { code, stderr } = await runCommand([...given, '--out', out, ...args], folder);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('--questions run.csv: 1 row is about images that are not in this run');
    return parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'))
      .lines as ResultLine[];
  }

  const withoutTimes = (lines: readonly ResultLine[]): object[] =>
    lines.map((line) => ({ ...line, ms: 0 }));

  test('several images in a pass: each keeps its own question', async () => {
    const one = await explain('alone', '--batch', '1');
    expect(one.map(({ text }) => text)).toEqual([
      { question: first.question, answer: first.answer },
      { question: first.question, answer: first.answer },
      { question: second.question, answer: second.answer },
    ]);
    const together = await explain('together', '--batch', '3');
    for (const [i, line] of withoutTimes(together).entries()) {
      expect(line).toMatchObject({
        text: one[i]!.text!,
        explanations: one[i]!.explanations.map(({ target, peak }) => ({ target, peak })),
      });
    }
  });

  test('animations, figures and evidence ask what the table asks', async () => {
    const lines = await explain(
      'all',
      '--sweep',
      '--figure',
      '--evidence',
      '--evidence-orders',
      '3',
    );
    for (const { sweeps, figures, explanations, text } of lines) {
      expect(text).toHaveProperty('answer');
      expect(sweeps).toHaveLength(1);
      expect(sweeps![0]!.target).toEqual(explanations[0]!.target);
      for (const { file } of sweeps!) expect(existsSync(at(`all/${file}`))).toBe(true);
      expect(figures![0]!.targets[0]).toEqual(explanations[0]!.target);
      for (const { evidence } of explanations) expect(evidence!.deletion).not.toBeNull();
    }
  });

  test('another table is another run', async () => {
    mkdirSync(at('again'), { recursive: true });
    await explain('again/run');
    writeFileSync(at('other.csv'), table.replace(second.question, 'a dog'));
    const given = [
      'explain',
      'pictures',
      '--model',
      answering,
      '--out',
      at('again/run'),
      '--resume',
    ];
    for (const words of [
      ['--questions', 'other.csv'],
      ['--ask', first.question],
    ]) {
      const { code, stderr } = await runCommand([...given, ...words], folder);
      expect(code).toBe(64);
      expect(stderr).toMatch(/--questions was [0-9a-f]{8} and is ([0-9a-f]{8}|not given)/);
    }
    const same = await runCommand([...given, '--questions', 'run.csv'], folder);
    expect(same.code, same.stderr).toBe(0);
    expect(same.stderr).toContain('3 of 3 questions are done');
  });
}, 120_000);
