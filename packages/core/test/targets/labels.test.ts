import { describe, expect, it } from 'vitest';
import { parseLabels, shortLabel } from '../../src/targets/labels.ts';

const pair = { labels: ['tench, Tinca tinca', 'boxer'], wnids: ['n01440764', 'n02108089'] };

describe('forms of a list of labels', () => {
  it.each([
    ['synset lines', 'n01440764 tench, Tinca tinca\nn02108089 boxer\n', pair],
    ['with \\r\\n', 'n01440764 tench, Tinca tinca\r\nn02108089 boxer\r\n', pair],
    ['plain lines', 'cat\n dog \n', { labels: ['cat', 'dog'], wnids: [] }],
    [
      'one line that is no synset makes all plain',
      'n02108089 boxer\ncat',
      {
        labels: ['n02108089 boxer', 'cat'],
        wnids: [],
      },
    ],
    ['a JSON list', '["cat", "dog"]', { labels: ['cat', 'dog'], wnids: [] }],
    ['a JSON list of pairs', '[["n01440764", "tench, Tinca tinca"], ["n02108089", "boxer"]]', pair],
    [
      'the object of Keras, in any order',
      '{"1": ["n02108089", "boxer"], "0": ["n01440764", "tench, Tinca tinca"]}',
      pair,
    ],
    ['an object of names', '{"0": "cat", "1": "dog"}', { labels: ['cat', 'dog'], wnids: [] }],
    ['names to indices', '{"dog": 1, "cat": 0}', { labels: ['cat', 'dog'], wnids: [] }],
    [
      'more than ten, by number and not by text',
      JSON.stringify(
        Object.fromEntries(Array.from({ length: 12 }, (_, i) => [11 - i, `c${11 - i}`])),
      ),
      { labels: Array.from({ length: 12 }, (_, i) => `c${i}`), wnids: [] },
    ],
    ['nothing', ' \n', { labels: [], wnids: [] }],
  ])('%s', (_, text, expected) => {
    expect(parseLabels(text)).toEqual(expected);
  });
});

describe('broken lists are errors', () => {
  it.each([
    ['{"0": "cat", "2": "dog"}', '1 has none'],
    ['{"cat": 0, "dog": 5}', '1 has none'],
    ['{"cat": "a", "dog": "b"}', '0 has none'],
    ['["cat"', 'JSON'],
  ])('%s', (text, message) => {
    expect(() => parseLabels(text)).toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
    );
  });
});

it('the first synonym is short enough for a caption', () => {
  expect(shortLabel('tench, Tinca tinca')).toBe('tench');
  expect(shortLabel('boxer')).toBe('boxer');
});

it.each([
  ['an index that would make a list of 4 billion', '{"4294967294": "a"}', 'must name each'],
  ['the same by name', '{"a": 4294967294}', 'must name each'],
  ['no index', '{"a": -1}', 'must name each'],
  ['a fraction', '{"a": 0.5}', 'must name each'],
  ['an object', '[{"name": "cat"}]', 'expected a name, or a list of its parts, found an object'],
  ['null', '["cat", null]', 'found null'],
  ['levels without end', '['.repeat(100_000) + ']'.repeat(100_000), 'found a list'],
  ['levels in an object', `{"0": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'found a list'],
])('%s is refused at once', (_, text, message) => {
  expect(() => parseLabels(text)).toThrow(
    expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
  );
});
