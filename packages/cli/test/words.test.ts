import {
  parseResults,
  type CaptionText,
  type QuestionText,
  type ResultLine,
  type RunFile,
} from '@gradcam/core';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand, startCommand } from './run-command.ts';
import {
  answering,
  asked,
  captions,
  encodePixels,
  writePictures,
  writing,
} from './words/word-nets.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-words-'));
const at = (name: string): string => path.join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  await writePictures(folder, [
    'asked.png',
    ...['a', 'b', 'c'].map((name) => `pictures/${name}.png`),
  ]);
  writeFileSync(at('told.png'), await encodePixels(captions.pixels));
});

interface Explained {
  readonly lines: readonly ResultLine[];
  readonly run: RunFile;
  readonly out: string;
  readonly stdout: string;
  readonly stderr: string;
}

async function explain(images: string, model: string, ...args: string[]): Promise<Explained> {
  const out = path.join(makeTemporaryFolder(), 'run');
  const given = ['explain', at(images), '--model', model, '--out', out, ...args];
  const { code, stdout, stderr } = await runCommand(given);
  expect(code, stderr).toBe(0);
  const run = JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8')) as RunFile;
  const text = readFileSync(path.join(out, 'results.jsonl'), 'utf8');
  return { lines: parseResults(text).lines as ResultLine[], run, out, stdout, stderr };
}

const refusal = async (...args: string[]): Promise<string> => {
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stderr } = await runCommand(['explain', at('asked.png'), '--out', out, ...args]);
  expect(code).toBe(64);
  expect(existsSync(out)).toBe(false);
  expect(
    stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('gradcam:')),
  ).toHaveLength(1);
  return stderr;
};

describe('a question', () => {
  test.each(asked.asked)('$question', async ({ question, answer }) => {
    const { lines, run, stdout } = await explain('asked.png', answering, '--ask', question);
    expect(lines[0]!.text).toEqual({ question, answer });
    expect(lines[0]!.predictions[0]!.label).toBe(answer);
    expect(run.settings.question).toBe(question);
    expect(stdout).toContain(`asked: ${question}`);
    expect(stdout).toContain(`answer: ${answer} `);
  });

  test('several answers side by side', async () => {
    const targets = ['--target', 'yes', '--target', 'red'];
    const { lines } = await explain('asked.png', answering, '--ask', 'a dog', ...targets);
    expect(lines[0]!.explanations.map(({ target }) => target.label)).toEqual(['yes', 'red']);
  });

  test('a number that is the name of another answer is said', async () => {
    const counting = path.join(makeTemporaryFolder(), 'net');
    cpSync(answering, counting, { recursive: true });
    const file = path.join(counting, 'gradcam.json');
    const described = JSON.parse(readFileSync(file, 'utf8')) as object;
    const labels = ['yes', 'no', '0', '1', '2'];
    writeFileSync(file, JSON.stringify({ ...described, labels }));
    const given = ['--ask', 'how many cats', '--target', '2'];
    const { lines, stderr } = await explain('asked.png', counting, ...given);
    expect(lines[0]!.explanations[0]!.target).toMatchObject({ index: 2, label: '0' });
    expect(stderr).toContain(
      "assumed: --target 2 is the class of index 2, '0'; the class called '2' is --target 4",
    );
  });

  test('a .keras file with its words in a file beside it', async () => {
    const cache = { GRADCAM_CACHE: at('cache') };
    const out = path.join(makeTemporaryFolder(), 'run');
    const keras = path.join(answering, 'keras/question.keras');
    const { question, answer } = asked.asked[0]!;
    const { code, stdout, stderr } = await startCommand(
      ['explain', at('asked.png'), '--model', keras, '--out', out, '--ask', question, '--json'],
      { env: cache },
    ).done;
    expect(code, stderr).toBe(0);
    expect((JSON.parse(stdout) as ResultLine).text).toEqual({ question, answer });
    expect(stderr).toContain('read from gradcam.json: 5 class names');
    expect(stderr).toContain('questions go to the input question');
  });

  test('a word that the model does not know is said', async () => {
    const { stdout } = await explain('asked.png', answering, '--ask', 'how many zebras');
    expect(stdout).toContain("note: the model reads 'zebras' as [UNK]");
  });

  test('marks that turn the writing round do not reach the terminal', async () => {
    const question = 'what \u202eis\u202c a \u0643\u0644\u0628\nred car';
    const { lines, stdout, out } = await explain(
      'asked.png',
      answering,
      '--ask',
      question,
      '--sheet',
    );
    expect((lines[0]!.text as QuestionText).question).toBe(question);
    expect(stdout).toContain('asked: what \\u202eis\\u202c a \u0643\u0644\u0628\\nred car');
    const files = lines[0]!.explanations.flatMap((one) => Object.values(one.files));
    for (const file of files) expect(file).toMatch(/^[a-z0-9._/-]+$/);
    expect(existsSync(path.join(out, 'sheet.png'))).toBe(true);
  });

  test.each([
    [
      'none',
      [],
      'the model takes a question in input question [8]; give --ask "<question>", or its tokens with --input question=<json|npy>',
    ],
    ['empty', ['--ask', ''], '--ask is empty'],
    [
      'signs',
      ['--ask', '?!'],
      "--ask: expected words, found none in '?!'; a word has letters or digits",
    ],
    ['emoji', ['--ask', '🐶'], "--ask: expected words, found none in '🐶'"],
    [
      '100 kB',
      ['--ask', 'dog '.repeat(25_000)],
      '--ask: expected at most 10000 characters, found 100000',
    ],
    ['and a caption', ['--ask', 'what', '--caption'], '--ask and --caption exclude each other'],
    [
      'a caption instead',
      ['--say', 'a dog'],
      '--say: model question answers questions and writes no captions; ask it one',
    ],
    ['beams', ['--ask', 'what', '--beams', '2'], '--beams needs --caption or --say'],
  ] as const)('%s is refused in one line', async (_, args, message) => {
    expect(await refusal('--model', answering, ...args)).toContain(message);
  });

  test('a model without text', async () => {
    const plain = path.join(root, 'packages/core/test/fixtures/nets/fused-sequential');
    const message = await refusal('--model', plain, '--ask', 'what is it');
    expect(message).toContain(
      'states no text that it reads; describe its input of words in the block text',
    );
  });

  test('another question is another run', async () => {
    const { out } = await explain('asked.png', answering, '--ask', 'a dog');
    const again = ['explain', at('asked.png'), '--model', answering, '--out', out, '--resume'];
    const { code, stderr } = await runCommand([...again, '--ask', 'a cat']);
    expect(code).toBe(64);
    expect(stderr).toContain('--ask was a dog and is a cat');
  });
});

describe('a table of questions', () => {
  const [first, second] = asked.asked as readonly [
    { question: string; answer: string },
    { question: string; answer: string },
  ];
  const wrong = first.answer === 'no' ? 'yes' : 'no';

  test('a question about each image, compared with the answers that are given', async () => {
    writeFileSync(
      at('table.csv'),
      `image,question,answer\npictures/a.png,${first.question},${first.answer}\npictures/b.png,"${first.question}",${wrong}\npictures/c.png,${second.question}\n`,
    );
    const table = at('table.csv');
    const { lines, run, stderr } = await explain(
      'pictures',
      answering,
      '--questions',
      table,
      '--sheet',
    );
    expect(lines.map(({ text }) => text)).toEqual([
      { question: first.question, answer: first.answer },
      { question: first.question, answer: first.answer },
      { question: second.question, answer: second.answer },
    ]);
    expect(lines.map(({ correct }) => correct)).toEqual([true, false, undefined]);
    // Where the answer is wrong, the true one is explained too.
    expect(lines.map(({ explanations }) => explanations.length)).toEqual([1, 2, 1]);
    expect(lines[1]!.explanations[1]!.target.label).toBe(wrong);
    expect(run.counts).toEqual({ done: 3, failed: 0, judged: 2, correct: 1 });
    expect(run.settings.questions).toMatch(/^[0-9a-f]{64}$/);
    expect(stderr).toContain('1 of 2 answers are those of the table, 50.0 %');
  });

  test.each([
    ['pictures/a.png', 'line 1: expected image,question or image,question,answer; found'],
    ['pictures/a.png,what', 'no question for'],
    ['pictures/a.png,?!', 'line 1: question: expected words, found none'],
    ['pictures/a.png,what,maybe', "line 1: no class 'maybe'"],
    [
      'pictures/a.png,what,yes\npictures/a.png,what,no',
      'line 2: pictures/a.png has another answer to this question in line 1',
    ],
  ])('%j is refused', async (content, message) => {
    writeFileSync(at('wrong.csv'), content);
    const out = path.join(makeTemporaryFolder(), 'run');
    const given = ['explain', at('pictures'), '--model', answering, '--out', out];
    const { code, stderr } = await runCommand([...given, '--questions', at('wrong.csv')]);
    expect(code).toBe(65);
    expect(stderr).toContain(message);
    expect(existsSync(out)).toBe(false);
  });

  test('with --truth it is refused', async () => {
    const questions = ['--model', answering, '--questions', at('table.csv')];
    expect(await refusal(...questions, '--truth', folder)).toContain(
      '--questions and --truth exclude each other',
    );
  });
});

describe('a caption', () => {
  test("the model's own, each word with its map", async () => {
    const { lines, run, stdout, out } = await explain('told.png', writing, '--caption', '--sheet');
    const wanted = captions.written['beams 1']!;
    const text = lines[0]!.text as CaptionText;
    expect(text.by).toBe('model');
    expect(text.caption.map(({ word }) => word)).toEqual(wanted.words);
    expect(text.logProbability).toBeCloseTo(wanted.logProbability, 4);
    for (const [place, { explanation }] of text.caption.entries()) {
      expect(lines[0]!.explanations[explanation!]!.target).toMatchObject({ place: place + 1 });
    }
    expect(lines[0]!.explanations.at(-1)!.target.kind).toBe('sentence');
    expect(stdout).toContain(`the model says: ${wanted.words.join(' ')}`);
    expect(stdout).toMatch(/log-probability -\d+\.\d\d: .* -?\d\.\d\d, the end -?\d/);
    expect(run.settings.beams).toBe(1);
    const files = readdirSync(
      path.join(out, path.dirname(lines[0]!.explanations[0]!.files['raw']!)),
    );
    for (const file of files) expect(file).toMatch(/^[a-z0-9._-]+$/);
    expect(existsSync(path.join(out, 'sheet.png'))).toBe(true);
  });

  test('with beams', async () => {
    const { lines, run } = await explain('told.png', writing, '--caption', '--beams', '3');
    const wanted = captions.written['beams 3']!;
    const text = lines[0]!.text as CaptionText;
    expect(text.caption.map(({ word }) => word)).toEqual(wanted.words);
    expect(run.settings.beams).toBe(3);
  });

  test('one of yours, beside what the model would say', async () => {
    const own = captions.written['beams 1']!;
    const { lines, stdout } = await explain('told.png', writing, '--say', captions.caption);
    const text = lines[0]!.text as CaptionText;
    expect(text.by).toBe('user');
    expect(text.logProbability).toBeCloseTo(captions.sentence.score, 4);
    expect(text.own!.caption).toBe(own.words.join(' '));
    expect(text.own!.logProbability).toBeCloseTo(own.logProbability, 4);
    expect(stdout).toContain(`you say: ${captions.caption}`);
    expect(stdout).toContain(`the model's own caption: ${own.words.join(' ')}`);
    expect(stdout).toMatch(/least likely: \w+ -\d+\.\d\d \(rather \S+ -?\d+\.\d\d\)/);
  });

  test('a word at its place, and another in its place', async () => {
    const targets = ['--target', 'word:1', '--target', 'word:1:car', '--target', 'sentence'];
    const { lines } = await explain('told.png', writing, '--say', captions.caption, ...targets);
    expect(lines[0]!.explanations.map(({ target: { kind, label } }) => [kind, label])).toEqual([
      ['word', captions.caption.split(' ')[0]],
      ['word', 'car'],
      ['sentence', captions.caption],
    ]);
  });

  test('evidence says that words are not examined', async () => {
    const { lines } = await explain('told.png', writing, '--caption', '--evidence');
    expect(lines[0]!.explanations[0]!.evidence!.verdict).toContain(
      'maps of a word are not examined',
    );
  });

  test.each([
    ['none', [], 'give --caption to let it write one, or --say "<caption>"'],
    ['too long', ['--say', 'a a a a a a'], '--say: expected at most 5 words'],
    ['65 beams', ['--caption', '--beams', '65'], '--beams takes a whole number from 1 to 64'],
    [
      'a target that it lacks',
      ['--say', 'a dog', '--target', 'word:9'],
      'target word:9: the caption',
    ],
  ] as const)('%s is refused in one line', async (_, args, message) => {
    expect(await refusal('--model', writing, ...args)).toContain(message);
  });
});

test('describe and inspect show the text', async () => {
  for (const command of ['describe', 'inspect']) {
    const { stdout } = await runCommand([command, answering]);
    expect(stdout).toContain(
      'text: a question of 8 tokens goes to input question (--ask), lower-cased',
    );
    const { stdout: json } = await runCommand([command, writing, '--json']);
    expect((JSON.parse(json) as { text: { role: string } }).text.role).toBe('caption');
  }
});

test('convert keeps the words beside the model', async () => {
  const out = path.join(makeTemporaryFolder(), 'net');
  const source = at('source');
  cpSync(path.join(answering, 'keras'), source, { recursive: true });
  const keras = path.join(source, 'question.keras');
  const { code, stderr } = await runCommand(['convert', keras, '--out', out]);
  expect(code, stderr).toBe(0);
  expect(readFileSync(path.join(out, 'words.txt'))).toEqual(
    readFileSync(path.join(source, 'words.txt')),
  );
});
