import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/port/engine.ts';
import { explain } from '../../src/explain/explain.ts';
import { prepareText } from '../../src/explain/prepare-text.ts';
import { caption } from '../../src/explain/write-caption.ts';
import { prepareInput } from '../../src/image/prepare-input.ts';
import { loadModel, resolveLayer, type Model } from '../../src/model/model.ts';
import { checkWordTarget } from '../../src/targets/word-target.ts';
import { listOpaqueCalls } from '../../src/network/opaque-call.ts';
import type { CaptionText } from '../../src/run/result-text.ts';
import { expectClose, largestOf } from '../helper/closeness.ts';
import { createEngine, engineNames } from '../helper/engines.ts';
import { decodeArray } from '../helper/fixture.ts';
import { imageOf, readCaptions, wordFiles, wordNet } from '../helper/word-nets.ts';

/** Float32 through two convolutions and six steps with attention, and back, against float64. */
const WHOLE_NET = 2e-5;

const expected = readCaptions();
const image = imageOf(expected.pixels);
const given = expected.caption.split(' ');

describe.each(engineNames)('on %s, against PyTorch', (engineName) => {
  let engine: Engine;
  let model: Model;
  beforeAll(async () => {
    engine = await createEngine(engineName);
    model = await loadModel(wordNet('caption'), { engine });
  });

  test('the file is translated as a whole, its table of words included', () => {
    expect(listOpaqueCalls(model.network)).toEqual([]);
    if (engineName === 'onnx') expect(model.proof).toContain('computes what the file says');
  });

  test('the part that sees the picture runs once', async () => {
    const { session } = model;
    const asked: string[] = [];
    const counting: Model = {
      ...model,
      session: {
        ...session,
        run(request) {
          asked.push(request.from === undefined ? 'picture' : 'words');
          return session.run(request);
        },
      },
    };
    const { words } = await caption(counting, image);
    expect(asked).toEqual(['picture', ...words.map(() => 'words')]);
  });

  test('a given caption: each word, and the sentence in one pass', async () => {
    const before = tf.memory().numTensors;
    const layers = [expected.layer];
    const { explanations, text } = await explain(model, image, {
      caption: expected.caption,
      layers,
    });
    expect(tf.memory().numTensors).toBe(before);
    const told = text as CaptionText;
    expect(told.caption.map(({ word }) => word)).toEqual(given);
    expect(told.caption.map(({ explanation }) => explanation)).toEqual(given.map((_, i) => i));
    for (const [i, word] of told.caption.entries()) {
      expect(word.logProbability).toBeCloseTo(expected.words[i]!.score, 4);
    }
    expect(told.end!.logProbability).toBeCloseTo(expected.words[given.length]!.score, 4);
    expect(told.logProbability).toBeCloseTo(expected.sentence.score, 4);
    expect(told.by).toBe('user');
    expect(explanations.map(({ target: { kind, place, label } }) => [kind, place, label])).toEqual([
      ...given.map((word, i) => ['word', i + 1, word]),
      ['sentence', undefined, expected.caption],
    ]);
    const wanted = [...expected.words.slice(0, given.length), expected.sentence];
    for (const [i, { raw, score, diagnostics }] of explanations.entries()) {
      expect(score).toBeCloseTo(wanted[i]!.score, 4);
      expectClose(raw, decodeArray(wanted[i]!.gradCam), WHOLE_NET);
      const isWord = i < given.length;
      expect(diagnostics.probability === undefined).toBe(!isWord);
      if (isWord) expect(Math.log(diagnostics.probability!)).toBeCloseTo(score, 4);
    }
  });

  test("a sentence's gradient is the sum of its words' and its end's", async () => {
    const { inputs, caption: said } = prepareText(model, { caption: expected.caption })!;
    const V = said!.vocabulary.length;
    const at = said!.tokens.map((token, place) => place * V + token);
    const score = 'logProbability' as const;
    const { node: layer } = resolveLayer(model, expected.layer);
    const { values } = prepareInput(image, model.input);
    const { gradients, seeds } = await model.session.run({
      inputs: { ...inputs, image: values },
      outputs: [],
      gradient: {
        seeds: [{ score, of: { sum: at } }, ...at.map((one) => ({ score, of: { class: one } }))],
        wrt: [layer],
        relu: 'plain',
      },
    });
    const [whole, ...parts] = gradients.map((found) => found.get(layer)!);
    const sum = whole!.data.map((_, i) => parts.reduce((total, { data }) => total + data[i]!, 0));
    expectClose(whole, { shape: whole!.shape, data: sum });
    expect(seeds[0]![0]!.score).toBeCloseTo(
      seeds.slice(1).reduce((total, [one]) => total + one!.score, 0),
      10,
    );
    [expected.sentence, ...expected.words].forEach((wanted, i) => {
      const gradient = decodeArray(wanted.gradient);
      const found = gradients[i]!.get(layer)!;
      expectClose(
        { ...found, shape: gradient.shape },
        gradient,
        WHOLE_NET,
        largestOf(gradient.data),
      );
    });
  });

  test.each([1, 2, 3] as const)('its own caption with %d beams', async (beams) => {
    const before = tf.memory().numTensors;
    const found = await caption(model, image, { beams });
    expect(tf.memory().numTensors).toBe(before);
    const wanted = expected.written[`beams ${beams}`];
    expect(found.caption).toBe(wanted.words.join(' '));
    expect(found.logProbability).toBeCloseTo(wanted.logProbability, 4);
    expect(found.end !== undefined).toBe(wanted.ended);
  });

  test('with many beams, the best of all captions', async () => {
    const found = await caption(model, image, { beams: 64 });
    expect(found.caption).toBe(expected.written.all.words.join(' '));
    expect(found.logProbability).toBeCloseTo(expected.written.all.logProbability, 4);
    expect(found.others.length).toBeGreaterThan(0);
  });

  test('its own caption is explained as if it had been given', async () => {
    const own = await explain(model, image, { caption: {} });
    const written = await caption(model, image);
    const told = own.text as CaptionText;
    expect(told.by).toBe('model');
    expect(told.caption.map(({ word }) => word).join(' ')).toBe(written.caption);
    told.caption.forEach(({ logProbability, instead }, i) => {
      expect(logProbability).toBeCloseTo(written.words[i]!.logProbability, 5);
      // The likeliest word each time, unless it is one that is never written.
      if (instead !== undefined) expect(['', '[START]']).toContain(instead.word);
    });
    const same = await explain(model, image, { caption: written.caption });
    expectClose(own.explanations[0]!.raw, same.explanations[0]!.raw);
  });

  test('a caption that was written before is explained alike, and not written again', async () => {
    let passes = 0;
    const counting: Model = {
      ...model,
      session: {
        ...model.session,
        run(request) {
          passes += 1;
          return model.session.run(request);
        },
      },
    };
    const own = await explain(model, image, { caption: { beams: 2 } });
    const written = await caption(model, image, { beams: 2 });
    const again = await explain(counting, image, { caption: written });
    expect(passes).toBe(1);
    expect(again.text).toEqual(own.text);
    expect(again.explanations.map(({ target }) => target)).toEqual(
      own.explanations.map(({ target }) => target),
    );
    again.explanations.forEach(({ raw }, i) => expectClose(raw, own.explanations[i]!.raw));
    // The same beside a given caption.
    const given = { caption: expected.caption } as const;
    const beside = await explain(model, image, { ...given, ownCaption: { beams: 2 } });
    passes = 0;
    const kept = await explain(counting, image, { ...given, ownCaption: written });
    expect([passes, kept.text]).toEqual([1, beside.text]);
  });

  test('a given caption beside its own', async () => {
    const { text } = await explain(model, image, { caption: expected.caption, ownCaption: {} });
    const { own, logProbability } = text as CaptionText;
    const wanted = expected.written['beams 1'];
    expect(own!.caption).toBe(wanted.words.join(' '));
    expect(own!.logProbability).toBeCloseTo(wanted.logProbability, 4);
    expect(logProbability).toBeCloseTo(expected.sentence.score, 4);
  });
});

describe('what can be asked of a caption', () => {
  let model: Model;
  beforeAll(async () => {
    model = await loadModel(wordNet('caption'), { engine: await createEngine('cpu') });
  });
  const explained = async (targets: readonly string[]) => {
    const found = await explain(model, image, { caption: 'a red dog', targets });
    return found.explanations.map(({ target: { kind, place, label } }) => [kind, place, label]);
  };

  test.each([
    [
      'words',
      [
        ['word', 1, 'a'],
        ['word', 2, 'red'],
        ['word', 3, 'dog'],
      ],
    ],
    ['word:2', [['word', 2, 'red']]],
    ['word:end', [['word', 4, '[END]']]],
    ['word:3:car', [['word', 3, 'car']]],
    ['Dog', [['word', 3, 'dog']]],
    ['sentence', [['sentence', undefined, 'a red dog']]],
  ] as const)('%s', async (target, wanted) => {
    expect(await explained([target])).toEqual(wanted);
  });

  test.each([
    [
      'word:5',
      "target word:5: the caption 'a red dog' has 3 words and an end; give word:1 to word:3",
    ],
    ['word:0', 'target word:0: the caption'],
    ['word:1:carr', "target word:1:carr: the model does not know the word 'carr'; near: car"],
    ['cat', "target cat: the caption 'a red dog' has no such word; give words, word:<n>"],
  ])('%s is refused', async (target, message) => {
    await expect(explained([target])).rejects.toThrow(message);
  });

  test.each([
    [{}, 'model caption writes captions: give one in the option caption'],
    [{ question: 'what' }, 'question: model caption writes captions and answers no questions'],
    [{ question: 'what', caption: 'a' }, 'question and caption: give one of the two'],
    [{ caption: '' }, "caption: expected words, found none in ''"],
    [
      { caption: 'a a a a a a' },
      'caption: expected at most 5 words, as the model writes no more, found 6',
    ],
    [{ caption: { beams: 0 } }, 'beams: expected a whole number from 1 to 64, got 0'],
    [{ caption: { beams: 65 } }, 'beams: expected a whole number from 1 to 64, got 65'],
    [{ caption: { bems: 2 } }, "caption: no option 'bems'; did you mean beams?"],
    [
      { caption: { caption: 'a zebra', words: [{ word: 'a' }, { word: 'zebra' }] } },
      "expected what caption() of the same model returned, found the word 'zebra'",
    ],
    [
      { caption: { caption: 'a', words: Array.from({ length: 9 }, () => ({ word: 'a' })) } },
      'expected what caption() of the same model returned, found 9 words and ends, of at most',
    ],
  ])('%j', async (options, message) => {
    await expect(explain(model, image, options as never)).rejects.toThrow(message);
  });

  test('what a caption of its own lacks is a fault of the image; of a given one, of the request', async () => {
    expect(expected.written['beams 1'].words).not.toContain('dog');
    const ask = (options: object): Promise<unknown> =>
      explain(model, image, { targets: ['dog'], ...options }).catch((error: unknown) => error);
    expect(await ask({ caption: {} })).toMatchObject({ kind: 'image' });
    expect(await ask({ caption: 'a red' })).toMatchObject({ kind: 'not-found' });
  });

  test.each([
    ['word:7', 'target word:7: the model writes at most 6 words; give word:1 to word:6'],
    ['word:0', 'give word:1 to word:6'],
    ['word:x', 'target word:x: expected word:<n>, word:end or word:<n>:<other>'],
    ['word:2:unicorn', "target word:2:unicorn: the model does not know the word 'unicorn'"],
    ['unicorn', "target unicorn: the model does not know the word 'unicorn'"],
  ])('no caption of the model can have %s', (target, message) => {
    expect(() => checkWordTarget(target, model.text!)).toThrow(message);
  });

  test.each([
    'words',
    'sentence',
    'top1',
    'word:6',
    'word:END',
    'word:1:dog',
    'Dog',
    'element:1,2',
  ])('a caption of the model may have %s', (target) =>
    expect(() => checkWordTarget(target, model.text!)).not.toThrow(),
  );

  test('a model of questions writes none', async () => {
    const other = await loadModel(wordFiles('question'), { engine: await createEngine('cpu') });
    await expect(caption(other, image)).rejects.toThrow(
      'caption: model question answers questions and writes no captions; ask it one',
    );
  });

  test('an abort takes effect between two words', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(caption(model, image, { signal: controller.signal })).rejects.toThrow('abort');
  });
});
