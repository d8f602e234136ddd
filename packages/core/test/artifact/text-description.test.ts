import { describe, expect, test } from 'vitest';
import { checkText } from '../../src/artifact/text-description.ts';
import { validateArtifact } from '../../src/artifact/validate-artifact.ts';

const question = {
  input: 'question',
  vocabulary: ['', '[UNK]', 'dog', 'cat'],
  length: 8,
  pad: 'pre',
  lower: true,
  unknown: '[UNK]',
  role: 'question',
};
const caption = {
  ...question,
  vocabulary: ['', '[START]', '[END]', 'dog', '[UNK]'],
  pad: 'post',
  start: '[START]',
  end: '[END]',
  role: 'caption',
};

test.each([question, caption, { ...question, vocabulary: 'words.txt' }])(
  'a right block is returned as it is',
  (block) => expect(checkText(block, 'text')).toBe(block),
);

describe('the first wrong field is named, with what was expected and found', () => {
  test.each([
    ['a list', [], 'text: expected an object, found []'],
    [
      'another field',
      { ...question, words: 3 },
      'text: expected fields input, vocabulary, length,',
    ],
    ['no input', { ...question, input: '' }, 'text.input: expected a string that is not empty'],
    [
      'length 0',
      { ...question, length: 0 },
      'text.length: expected a whole number from 1 to 4096, found 0',
    ],
    [
      'a huge length',
      { ...question, length: 1e9 },
      'text.length: expected a whole number from 1 to 4096',
    ],
    [
      'padding in the middle',
      { ...question, pad: 'mid' },
      'text.pad: expected pre or post, found "mid"',
    ],
    [
      'a role',
      { ...question, role: 'poem' },
      'text.role: expected question or caption, found "poem"',
    ],
    [
      'lower as text',
      { ...question, lower: 'yes' },
      'text.lower: expected true or false, found "yes"',
    ],
    [
      'one word',
      { ...question, vocabulary: [''] },
      'text.vocabulary: expected 2 to 1000000 words, found 1',
    ],
    [
      'no padding',
      { ...question, vocabulary: ['a', 'b'] },
      'text.vocabulary[0]: expected the empty string',
    ],
    [
      'a number',
      { ...question, vocabulary: ['', 7] },
      'text.vocabulary[1]: expected a word, found 7',
    ],
    [
      'a word twice',
      { ...question, vocabulary: ['', 'a', 'a'] },
      'text.vocabulary[2]: expected a word that is not at 1 already, found "a"',
    ],
    [
      'no unknown',
      { ...question, vocabulary: ['', 'a'] },
      'text.vocabulary: expected the word "[UNK]", which unknown states, found 2 other words',
    ],
    [
      'a path',
      { ...question, vocabulary: '../words.txt' },
      'text.vocabulary: expected a list of words, or the name of a file beside the model, found "../words.txt"',
    ],
    [
      'a path of Windows',
      { ...question, vocabulary: 'C:words.txt' },
      'text.vocabulary: expected a list of words',
    ],
    [
      'the folder above',
      { ...question, vocabulary: '..' },
      'text.vocabulary: expected a list of words',
    ],
    [
      'a caption without its start',
      { ...caption, start: undefined },
      'text.start: expected the word that stands before a caption, found nothing',
    ],
    [
      'a caption without its end',
      { ...caption, end: undefined },
      'text.end: expected the word with which a caption ends',
    ],
    ['a caption behind its padding', { ...caption, pad: 'pre' }, 'text.pad: expected post'],
    [
      'one word for both ends',
      { ...caption, end: '[START]' },
      'text.end: expected another word than start',
    ],
    [
      'a caption that ends at a word that it does not know',
      { ...caption, unknown: '[END]' },
      'text.unknown: expected another word than start and end, found "[END]"',
    ],
  ])('%s', (_, block, message) => {
    expect(() => checkText(block, 'text')).toThrow(message);
  });
});

test("a model's own description names the field of its block", () => {
  const described = {
    ...{ schema: 1, id: 'a', architecture: 'a', source: { uri: '', format: '', sha256: '' } },
    ...{ shards: {}, logits: 'a', endpoints: { a: 'a' }, defaultEndpoint: 'a' },
    input: {
      ...{ height: 8, width: 8, channelOrder: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
      ...{ fit: 'crop', cropFraction: 1, resize: 'bilinear-antialias', pad: [0, 0, 0] },
    },
  };
  const whole = { ...described, text: question };
  expect(validateArtifact(whole)).toBe(whole);
  expect(() => validateArtifact({ ...described, text: { ...question, length: -1 } })).toThrow(
    'model.json userDefinedMetadata.gradcam.text.length: expected a whole number',
  );
});
