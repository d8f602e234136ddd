import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/port/engine.ts';
import { explain } from '../../src/explain/explain.ts';
import { explainTogether } from '../../src/explain/explain-together.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { modelFilesInMemory } from '../../src/readers/model-files.ts';
import { expectClose } from '../helper/closeness.ts';
import { createEngine, engineNames } from '../helper/engines.ts';
import { decodeArray, readFixture, type StoredArray } from '../helper/fixture.ts';
import { imageOf, readQuestions, wordFiles } from '../helper/word-nets.ts';

/** Float32 through two convolutions, eight steps of an LSTM and back, against float64. */
const WHOLE_NET = 1e-5;

const expected = readQuestions();
const image = imageOf(expected.pixels);
const evaluated = readFixture<{
  readonly questions: readonly {
    readonly question: string;
    readonly answer: string;
    readonly probabilityCam: StoredArray;
  }[];
}>('words/evaluation.json');

describe.each(engineNames)('on %s, against TensorFlow', (engineName) => {
  let engine: Engine;
  let model: Model;
  beforeAll(async () => {
    engine = await createEngine(engineName);
    model = await loadModel(wordFiles('question'), { engine });
  });

  test.each(expected.asked)('$question', async ({ question, answer, logits, gradCam }) => {
    const before = tf.memory().numTensors;
    const targets = Object.keys(gradCam).map(Number);
    const result = await explain(model, image, { question, targets, layers: [expected.layer] });
    expect(result.text).toEqual({ question, answer });
    expect(tf.memory().numTensors).toBe(before);
    const scores = decodeArray(logits).data;
    for (const { index, logit } of result.predictions) {
      expect(Math.abs(logit - scores[index]!)).toBeLessThan(WHOLE_NET);
    }
    // Several answers to one question, side by side.
    expect(result.explanations.map(({ target }) => target.index)).toEqual(targets);
    for (const { target, raw, score } of result.explanations) {
      expect(Math.abs(score - scores[target.index]!)).toBeLessThan(WHOLE_NET);
      expectClose(raw, decodeArray(gradCam[String(target.index)]!), WHOLE_NET);
    }
  });

  // By `tools/oracles/question_evaluation.py`: TensorFlow's gradient of the probability, in float64.
  test.each(evaluated.questions)(
    'like tf-keras-vis: $question',
    async ({ question, ...wanted }) => {
      const options = { question, layers: [expected.layer], like: 'tf-keras-vis' };
      const { explanations, text } = await explain(model, image, options);
      expect(text).toEqual({ question, answer: wanted.answer });
      expect(explanations[0]!.like!.preset).toBe('tf-keras-vis');
      const map = decodeArray(wanted.probabilityCam);
      expectClose(explanations[0]!.like!.raw, map, WHOLE_NET);
      // It differs from our own raw map, which explains the logit.
      const error = Math.max(
        ...map.data.map((value, i) => Math.abs(value - explanations[0]!.raw.data[i]!)),
      );
      expect(error).toBeGreaterThan(100 * WHOLE_NET);
    },
  );

  test('several pictures share a question and a pass', async () => {
    const { question } = expected.asked[0]!;
    const alone = await explain(model, image, { question });
    const together = await explainTogether(model, [image, image], { question });
    for (const one of together) {
      expect(one.status === 'fulfilled' && one.value.text).toEqual(alone.text);
      const found = one.status === 'fulfilled' ? one.value.explanations[0]!.raw : undefined;
      expectClose(found, alone.explanations[0]!.raw, WHOLE_NET);
    }
  });
});

describe.each(engineNames)('several questions in one pass on %s', (engineName) => {
  test('each picture has the answer and the map of its own', async () => {
    const model = await loadModel(wordFiles('question'), {
      engine: await createEngine(engineName),
    });
    const { run } = model.session;
    const batches: (number | undefined)[] = [];
    const counting: Model = {
      ...model,
      session: {
        ...model.session,
        run(request) {
          batches.push(request.inputs?.['image']?.shape[0]);
          return run.call(model.session, request);
        },
      },
    };
    const before = tf.memory().numTensors;
    const questions = expected.asked.map(({ question }) => question);
    const together = await explainTogether(
      counting,
      questions.map(() => image),
      { questions, layers: [expected.layer] },
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(batches).toEqual([questions.length]);
    for (const [i, one] of together.entries()) {
      if (one.status !== 'fulfilled') throw one.reason;
      const { question, answer, logits, gradCam } = expected.asked[i]!;
      expect(one.value.text).toEqual({ question, answer });
      const scores = decodeArray(logits).data;
      for (const { index, logit } of one.value.predictions) {
        expect(Math.abs(logit - scores[index]!)).toBeLessThan(WHOLE_NET);
      }
      const { target, raw } = one.value.explanations[0]!;
      const wanted = gradCam[String(target.index)];
      if (wanted !== undefined) expectClose(raw, decodeArray(wanted), WHOLE_NET);
    }
  });
});

test('as many questions as pictures are needed', async () => {
  const model = await loadModel(wordFiles('question'), { engine: await createEngine('cpu') });
  await expect(explainTogether(model, [image, image], { questions: ['a dog'] })).rejects.toThrow(
    'questions: expected one for each of 2 images, got 1',
  );
});

describe('what is asked', () => {
  let model: Model;
  beforeAll(async () => {
    model = await loadModel(wordFiles('question'), { engine: await createEngine('cpu') });
  });

  test('the model says what it reads, from where', () => {
    expect(model.text).toMatchObject({ input: 'question', role: 'question', length: 8 });
    expect(model.readFrom).toContainEqual(
      expect.stringContaining('questions go to the input question'),
    );
  });

  test('a word that the model does not know is said', async () => {
    const { notes, text } = await explain(model, image, { question: 'how many zebras' });
    expect(text).toMatchObject({ question: 'how many zebras' });
    expect(notes?.[0]).toContain("the model reads 'zebras' as [UNK]");
  });

  test('the question is needed', async () => {
    await expect(explain(model, image)).rejects.toThrow(
      'model question answers questions about a picture: give one in the option question',
    );
  });

  test('the values of the input may be given instead, and not both', async () => {
    const question = { shape: [1, 8], data: Float32Array.from([2, 3, 4, 5, 6, 7, 0, 0]) };
    const given = await explain(model, image, { inputs: { question } });
    expect(given.text).toBeUndefined();
    const asked = await explain(model, image, { question: 'What is left of the dog' });
    expect(given.predictions).toEqual(asked.predictions);
    await expect(explain(model, image, { question: 'what', inputs: { question } })).rejects.toThrow(
      'question: the values of input question are given too',
    );
  });

  test('a text of another type', async () => {
    await expect(explain(model, image, { question: 7 as never })).rejects.toThrow(
      'question: expected a text, got 7',
    );
  });
});

describe('a block that does not fit its net', () => {
  const described = readFixture<{ text: Record<string, unknown> }>('words/question/gradcam.json');

  async function load(text: Record<string, unknown>, files: Record<string, string> = {}) {
    const own = wordFiles('question');
    const shard = 'group1-shard1of1.bin';
    const json = JSON.stringify({ ...described, text: { ...described.text, ...text } });
    const encode = (value: string): Uint8Array => new TextEncoder().encode(value);
    const held = {
      'model.json': await own.readFile('model.json'),
      [shard]: await own.readFile(shard),
      'gradcam.json': encode(json),
      ...Object.fromEntries(Object.entries(files).map(([name, value]) => [name, encode(value)])),
    };
    return loadModel(modelFilesInMemory(held), { engine: await createEngine('cpu') });
  }
  const words = described.text['vocabulary'] as readonly string[];

  test.each([
    [
      'another input',
      { input: 'qestion' },
      "text.input: expected an input of model question, which are image, question, found 'qestion'; did you mean question?",
    ],
    [
      'another length',
      { length: 9 },
      'text.length: expected the length of input question, which takes [8], found 9',
    ],
    [
      'more words than rows',
      { vocabulary: [...words, 'one', 'more'] },
      `text.vocabulary: expected at most ${words.length} words, for which the model has rows, found ${words.length + 2}`,
    ],
    [
      'another role',
      { role: 'caption', start: 'what', end: 'is' },
      "text.role: expected a caption's output [8, 18], a score of each word at each place, found [5]",
    ],
    ['no such file', { vocabulary: 'words.txt' }, 'no file words.txt; the model needs it'],
  ])('%s', async (_, text, message) => {
    await expect(load(text)).rejects.toThrow(message);
  });

  test.each([
    ['lines', `${words.join('\n')}\n`],
    ['lines of Windows', words.join('\r\n')],
    ['lines behind a byte order mark', `\ufeff${words.join('\n')}`],
    ['JSON', JSON.stringify(words)],
    ['JSON behind a byte order mark', `\ufeff${JSON.stringify(words)}`],
  ])('a vocabulary of %s beside the model', async (_, content) => {
    const model = await load({ vocabulary: 'words.txt' }, { 'words.txt': content });
    expect(model.text!.vocabulary).toEqual(words);
    model.dispose();
  });

  test('with words that no text is split into: they are named', async () => {
    const own = [...words.slice(0, -1), '?'];
    const model = await load({ vocabulary: own });
    expect(model.assumptions).toContainEqual(
      expect.stringContaining("so '?' of the vocabulary is never read"),
    );
    model.dispose();
  });

  test.each([
    [
      'no empty first line',
      'a\nb',
      'words.txt: expected a JSON array of words, or one word a line',
    ],
    ['an object', '{"a": 1}', 'words.txt: expected a list of words'],
    ['nothing', '', 'words.txt: expected a JSON array of words, or one word a line'],
    ['a number', '["", 7]', 'words.txt[1]: expected a word, found 7'],
    ['an empty line between', '\na\n\nb', 'words.txt[2]: expected a word, found ""'],
    ['empty lines at its end', '\na\nb\n\n', 'words.txt[3]: expected a word, found ""'],
    ['17 MiB', `\n${'word\n'.repeat((17 * 2 ** 20) / 5)}`, 'words.txt'],
    ['a word twice', '["", "a", "a"]', 'words.txt[2]: expected a word that is not at 1 already'],
  ])('a vocabulary with %s', async (_, content, message) => {
    await expect(load({ vocabulary: 'words.txt' }, { 'words.txt': content })).rejects.toThrow(
      message,
    );
  });
});
