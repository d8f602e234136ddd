import { describe, expect, test } from 'vitest';
import {
  decodeLabels,
  MAX_LABELS_BYTES,
  parseLabels,
  shortLabel,
} from '../../../src/readers/labels/labels.ts';

const pair = { labels: ['tench, Tinca tinca', 'boxer'], wnids: ['n01440764', 'n02108089'] };

describe('forms of a list of labels', () => {
  test.each([
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
  test.each([
    ['{"0": "cat", "2": "dog"}', '1 has none'],
    ['{"cat": 0, "dog": 5}', '1 has none'],
    ['{"cat": "a", "dog": "b"}', 'found an object of cat, dog'],
    ['["cat"', 'JSON'],
  ])('%s', (text, message) => {
    expect(() => parseLabels(text)).toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
    );
  });
});

test('the first synonym is short enough for a caption', () => {
  expect(shortLabel('tench, Tinca tinca')).toBe('tench');
  expect(shortLabel('boxer')).toBe('boxer');
});

test.each([
  ['an index that would make a list of 4 billion', '{"4294967294": "a"}', 'must name each'],
  ['the same by name', '{"a": 4294967294}', 'must name each'],
  ['no index', '{"a": -1}', 'must name each'],
  ['a fraction', '{"a": 0.5}', 'must name each'],
  ['an object', '[{"nom": "cat"}]', 'expected a name, or a list of its parts, found an object'],
  ['null', '["cat", null]', 'found null'],
  ['levels without end', '['.repeat(100_000) + ']'.repeat(100_000), 'found a list'],
  ['levels in an object', `{"0": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'found a list'],
])('%s is refused at once', (_, text, message) => {
  expect(() => parseLabels(text)).toThrow(
    expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
  );
});

/** Three classes, as many files of other tools state them. */
const three = { labels: ['cat', 'dog', 'bird'], wnids: [] };

describe('files that people have', () => {
  test.each([
    ['objects by id', '[{"id":1,"name":"dog"},{"id":0,"name":"cat"},{"id":2,"name":"bird"}]'],
    [
      'objects by id from 1',
      '[{"id":1,"name":"cat"},{"id":2,"name":"dog"},{"id":3,"name":"bird"}]',
    ],
    ['objects in order', '[{"label":"cat"},{"label":"dog"},{"label":"bird"}]'],
    ['objects by key', '{"0":{"name":"cat"},"2":{"name":"bird"},"1":{"name":"dog"}}'],
    ['pairs of number and name', '[[1,"dog"],[0,"cat"],[2,"bird"]]'],
    ['pairs of name and number', '[["dog",1],["cat",0],["bird",2]]'],
    [
      'Hugging Face, config.json',
      '{"architectures":["A"],"id2label":{"0":"cat","1":"dog","2":"bird"},"label2id":{"cat":0}}',
    ],
    ['Hugging Face, only label2id', '{"label2id":{"bird":2,"cat":0,"dog":1},"num_labels":3}'],
    ['the same as texts', '{"id2label":{"0":"cat","1":"dog","2":"bird"}}'],
    [
      'Teachable Machine, metadata.json',
      '{"tfjsVersion":"1.3.1","labels":["cat","dog","bird"],"imageSize":224}',
    ],
    ['timm, label_names', '{"architecture":"a","label_names":["cat","dog","bird"]}'],
    ["Keras's class_indices", '{"bird": 2, "cat": 0, "dog": 1}'],
    ['the same within', '{"class_indices": {"bird": 2, "cat": 0, "dog": 1}}'],
    [
      'COCO categories',
      '{"categories":[{"id":1,"name":"cat"},{"id":2,"name":"dog"},{"id":3,"name":"bird"}]}',
    ],
    ['numbered lines', '0 cat\n1 dog\n2 bird\n'],
    ['numbered from 1', '1 cat\n2 dog\n3 bird'],
    ['numbered with colons', '0: cat\n1: dog\n2: bird'],
    ['a table without header', '0,cat\n1,dog\n2,bird'],
    ['a table with header, in any order', 'index,name\n2,bird\n0,cat\n1,dog'],
    ['the columns the other way round', 'name;id\nbird;2\ncat;0\ndog;1'],
    ['a column of names', 'name\ncat\ndog\nbird\n'],
    ['a byte order mark, CRLF and blank lines', '\ufeffcat\r\ndog\r\nbird\r\n\r\n\r\n'],
    ['a byte order mark before JSON', '\ufeff["cat", "dog", "bird"]'],
    ['line ends of old Macs', 'cat\rdog\rbird'],
    ['quoted lines', '"cat"\n"dog"\n"bird"'],
    ['YOLO, a list', 'train: a\nnc: 3\nnames:\n  - cat\n  - dog # barks\n  - "bird"\nval: b\n'],
    ['YOLO, a list at the margin', "names:\n- cat\n- 'dog'\n- bird\n"],
    ['YOLO, numbered', 'path: ../x\nnames:\n  0: cat\n  1: dog\n  2: bird\n\ndownload: no\n'],
    ['YOLO, in brackets', 'nc: 3\nnames: [\'cat\', "dog", bird]  # three\n'],
    ['YOLO, in brackets over lines', 'names: [cat,\n  dog,\n  bird]\nnc: 3'],
    ['YOLO, in braces', 'names: {0: cat, 2: bird, 1: dog}'],
  ])('%s', (_, text) => {
    expect(parseLabels(text)).toEqual(three);
  });

  test('numbers that do not count are part of the names', () => {
    expect(parseLabels('7 eleven\n8 ball').labels).toEqual(['7 eleven', '8 ball']);
    expect(parseLabels('0 cat\n2 dog').labels).toEqual(['0 cat', '2 dog']);
    expect(parseLabels('1 dog').labels).toEqual(['1 dog']);
    expect(parseLabels('10\n11').labels).toEqual(['10', '11']);
  });

  test('folders that are called by numbers have the index that Keras gave them', () => {
    expect(parseLabels('{"3": 0, "7": 1}').labels).toEqual(['3', '7']);
    expect(parseLabels('{"0": 1, "1": 0}').labels).toEqual(['1', '0']);
  });

  test('synsets keep their ids, in tables and numbered lines too', () => {
    expect(parseLabels('0 n01440764 tench, Tinca tinca\n1 n02108089 boxer')).toEqual(pair);
    expect(
      parseLabels('id,wnid,name\n1,n02108089,boxer\n0,n01440764,"tench, Tinca tinca"'),
    ).toEqual(pair);
  });

  test('a line separator ends no line of YAML, and so begins no names:', () => {
    expect(parseLabels('a\u2028names: x\nb').labels).toEqual(['a\u2028names: x', 'b']);
  });

  test.each([
    [
      'an object of something else',
      '{"epochs": "3", "name": "x"}',
      'found an object of epochs, name',
    ],
    ['the same without fields', '{}', 'without fields'],
    ['an index twice', '[{"id":0,"name":"a"},{"id":0,"name":"b"}]', '1 has none'],
    ['ids with gaps', '[{"id":1,"name":"a"},{"id":4,"name":"b"}]', 'classes 1..2 once, 2 has none'],
    ['a table with an index twice', 'index,name\n0,a\n0,b', '1 has none'],
    [
      'a table with a comma too many',
      'index,name\n0,tench, Tinca',
      'row 1 of the table has 3 fields',
    ],
    ['YAML with an anchor', 'names: *all', 'expected YAML'],
    ['YAML with a pair as name', 'names:\n  - a: b', 'expected YAML'],
    ['YAML with texts over lines', 'names:\n  - >\n    cat', 'expected YAML'],
    ['YAML with levels', 'names:\n  animals:\n    - cat', 'expected YAML'],
    ['objects without a name', '[{"id":0,"nom":"a"}]', 'an object without name'],
  ])('%s is refused', (_, text, message) => {
    expect(() => parseLabels(text)).toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
    );
  });

  test('nothing is ever called [object Object]', () => {
    for (const text of ['[{"id":0}]', '{"0":{"x":1}}', '{"labels":[{}]}', '[[{}]]', '{"0":[{}]}']) {
      expect(() => parseLabels(text)).toThrow(expect.objectContaining({ kind: 'argument' }));
    }
  });
});

describe('bytes of a file of labels', () => {
  const bytesOf = (text: string, encoding: BufferEncoding): Uint8Array =>
    Buffer.from(text, encoding);

  test('are UTF-8, or UTF-16 with a byte order mark', () => {
    expect(parseLabels(decodeLabels(bytesOf('\ufeffKäfer\nBär', 'utf8'))).labels).toEqual([
      'Käfer',
      'Bär',
    ]);
    expect(parseLabels(decodeLabels(bytesOf('\ufeffKäfer\r\nBär', 'utf16le'))).labels).toEqual([
      'Käfer',
      'Bär',
    ]);
  });

  test('of other encodings are refused, since names would be wrong', () => {
    expect(() => decodeLabels(bytesOf('Bär', 'latin1'))).toThrow(/save it as UTF-8/);
  });
});

test('a text over the limit is refused before it is read', () => {
  expect(() => parseLabels('x'.repeat(MAX_LABELS_BYTES + 1))).toThrow(/the limit is/);
});
