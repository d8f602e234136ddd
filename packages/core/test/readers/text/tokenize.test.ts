import { describe, expect, test } from 'vitest';
import type { TextDescription } from '../../../src/artifact/text-description.ts';
import { listUnread, roomFor, splitWords, tokenize } from '../../../src/readers/text/tokenize.ts';
import { readFixture } from '../../helper/fixture.ts';

/** Written by `tools/oracles/question_net.py`: tokens by a second implementation, in Python. */
const { texts } = readFixture<{
  texts: readonly { text: string; words: readonly string[]; tokens: readonly number[] }[];
}>('words/question/expected.json');
const { text: described } = readFixture<{ text: TextDescription }>('words/question/gradcam.json');

describe('as the second implementation', () => {
  test.each(texts)('$text', ({ text, words, tokens }) => {
    expect(splitWords(text, described)).toEqual(words);
    expect([...tokenize(text, described).input]).toEqual(tokens);
  });
});

const small: TextDescription = {
  input: 'question',
  vocabulary: ['', 'dog', 'cat', '[UNK]', 'a', '<s>', '</s>'],
  length: 4,
  pad: 'post',
  lower: true,
  role: 'question',
};
const caption: TextDescription = { ...small, start: '<s>', end: '</s>', role: 'caption' };

describe('where the tokens stand', () => {
  test.each([
    ['post', small, 'dog cat', [1, 2, 0, 0]],
    ['pre', { ...small, pad: 'pre' }, 'dog cat', [0, 0, 1, 2]],
    ['start and end', { ...small, start: '<s>', end: '</s>' }, 'cat', [5, 2, 6, 0]],
    ['a caption', caption, 'a cat', [5, 4, 2, 6]],
    // The end is chosen when all words are known, so it need not be in the input.
    ['the longest caption', caption, 'a cat dog', [5, 4, 2, 1]],
  ] as const)('%s', (_, description, text, tokens) => {
    expect([...tokenize(text, description).input]).toEqual(tokens);
  });

  test('words keep their capitals where the model wants them', () => {
    const cased = { ...small, lower: false, unknown: '[UNK]' };
    expect(tokenize('Dog dog', cased).words).toEqual(['[UNK]', 'dog']);
  });

  test('the words around a text are not words of it', () => {
    const named: TextDescription = {
      ...caption,
      vocabulary: ['', 'start', 'end', 'cat', 'unk'],
      ...{ start: 'start', end: 'end', unknown: 'unk' },
    };
    expect([...tokenize('end cat', named).input]).toEqual([1, 4, 3, 2]);
  });
});

describe('what is not read as it is written is said', () => {
  test('a word outside the vocabulary becomes the unknown word', () => {
    const { tokens, notes } = tokenize('zebra cat zebra', { ...small, unknown: '[UNK]' });
    expect(tokens).toEqual([3, 2, 3]);
    expect(notes).toEqual([
      "the model reads 'zebra' as [UNK], since it is not among the 6 words that it knows",
    ]);
  });

  test('a question of which no word is known says nothing to the model', () => {
    const { notes } = tokenize('wo ist links', { ...small, unknown: '[UNK]' });
    expect(notes).toEqual([
      "the model reads 'wo', 'ist', 'links' as [UNK], since they are not among the 6 words that it knows; it knows no word of this question, so what it says does not follow from the question",
    ]);
  });

  test('a long question is cut', () => {
    const { words, notes } = tokenize('a dog a cat a dog', small);
    expect(words).toEqual(['a', 'dog', 'a', 'cat']);
    expect(notes).toEqual([
      "the model reads the first 4 of the question's 6 words; the last 2 are left out, from 'a' on",
    ]);
  });

  test('many unknown words take one short line', () => {
    const many = Array.from({ length: 40 }, (_, i) => `word${i}`).join(' ');
    const { notes } = tokenize(many, { ...small, length: 40, unknown: '[UNK]' });
    expect(notes[0]).toContain("'word4' and 35 more as [UNK], since they are not");
  });
});

test('words of a vocabulary that no text is split into are listed', () => {
  const vocabulary = [
    '',
    '<s>',
    '</s>',
    '[UNK]',
    'dog',
    "it's",
    '?',
    'Cat',
    't-shirt',
    'ice cream',
  ];
  const named = { vocabulary, start: '<s>', end: '</s>', unknown: '[UNK]' };
  expect(listUnread({ ...named, lower: true })).toEqual(['?', 'Cat', 't-shirt', 'ice cream']);
  expect(listUnread({ ...named, lower: false })).toEqual(['?', 't-shirt', 'ice cream']);
  expect(listUnread(small)).toEqual(['[UNK]', '<s>', '</s>']);
  // Decomposed letters are composed before they are looked up.
  expect(listUnread({ vocabulary: ['', 'u\u0308ber'], lower: true })).toEqual(['u\u0308ber']);
});

describe('texts that are refused', () => {
  test.each([
    ['empty', '', "question: expected words, found none in ''"],
    ['spaces', ' \n\t ', 'question: expected words, found none'],
    ['signs', '?!..', "found none in '?!..'"],
    ['emoji', '🐶🐱', "found none in '🐶🐱'; a word has letters or digits"],
    ['a mark of direction', '\u202e', 'question: expected words, found none'],
    ['100 kB', 'dog '.repeat(25_000), 'question: expected at most 10000 characters, found 100000'],
    ['an unknown word', 'a zebra', "the model knows 6 words, and 'zebra' is not among them; use"],
    ['a misspelt word', 'a dgo', "'dgo' is not among them; near: dog; use words that it knows"],
    ['another script', 'كلب', "'كلب' is not among them"],
  ])('%s', (_, text, message) => {
    const error = (() => {
      try {
        tokenize(text, small);
      } catch (caught) {
        return caught as Error;
      }
      return new Error('none');
    })();
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/[\n\u202e]/);
    expect(error.message.length).toBeLessThan(400);
  });

  test('a caption that the model cannot say', () => {
    expect(() => tokenize('a dog a cat', caption)).toThrow(
      'caption: expected at most 3 words, as the model writes no more, found 4; give a shorter one',
    );
    expect(roomFor(caption)).toBe(3);
  });
});
