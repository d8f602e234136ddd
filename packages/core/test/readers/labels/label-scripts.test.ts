import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { parseLabels } from '../../../src/readers/labels/labels.ts';

/** What JavaScript itself makes of a script: the value of its `module.exports`, or of its last statement. */
function run(script: string): unknown {
  const module = { exports: null as unknown };
  const plain = script.replace(/^export default /m, 'module.exports = ').replace(/^export /m, '');
  const last = runInNewContext(plain, { module, window: {} }) as unknown;
  return module.exports ?? last;
}

describe('JavaScript with one list is read as JavaScript reads it, without running it', () => {
  test.each([
    ['a list', 'const labels = ["cat", \'dog\', `bird`,];\nmodule.exports = labels;'],
    ['an object by number', "export const NAMES = {\n  0: 'cat',\n  1: 'dog',\n}; NAMES"],
    [
      'strings over lines',
      "module.exports = {\n  0: 'cat, ' +\n     'puss, ' + 'tom',\n  1: 'dog' };",
    ],
    [
      'escapes',
      String.raw`module.exports = ['judge\'s \"robe\"', "na\u00efve \x41\u{1F600} \\ a\tb"]`,
    ],
    [
      'comments and strict mode',
      "/* names,\n [not these] */\n'use strict';\n// more\nvar a = [ // one\n 'cat' /* two */, 'it // is'];\nmodule.exports = a",
    ],
    ['names to numbers', 'module.exports = { cat: 0, "hot dog": 1, $x: 2, käfer: 3 };'],
    [
      'a member of window',
      'module.exports = window.LABELS = ["a", "b"];'.slice(17) + ' window.LABELS',
    ],
    ['a default', "export default ['cat', 'dog']"],
  ])('%s', (_, script) => {
    const value = run(script);
    const text = script.replace(/;? (NAMES|window\.LABELS)$/, ';');
    expect(parseLabels(text)).toEqual(parseLabels(JSON.stringify(value)));
  });

  test('types of TypeScript, and exports behind the list, change nothing', () => {
    const { labels } = parseLabels('const x: Record<number, string> = {0: "a", 1: "b"} as const;');
    expect(labels).toEqual(['a', 'b']);
    const named = 'const a: string[] = ["a", "b"];\nexport { a };\nexport default a;\n';
    expect(parseLabels(named).labels).toEqual(['a', 'b']);
    expect(parseLabels('exports.a = ["a", "b"]; ').labels).toEqual(['a', 'b']);
    expect(parseLabels('const a = ["a"]; module.exports = { a };').labels).toEqual(['a']);
  });

  test("a dict of Python is the same but for the comments' mark", () => {
    const dict = "{0: 'tench, Tinca tinca',\n 1: \"judge's robe\", # two\n 2: 'b'}";
    expect(parseLabels(dict).labels).toEqual(['tench, Tinca tinca', "judge's robe", 'b']);
    expect(parseLabels("['cat', 'dog']").labels).toEqual(['cat', 'dog']);
  });

  test.each([
    ['a call', 'const a = ["x"].map(f);', 'line 1'],
    ['a call behind', 'const a = ["x"];\nfetch("http://a");', 'line 2'],
    ['a call before', 'let b = load(); const a = ["x"];', 'line 1'],
    ['two lists', 'const a = ["x"];\nconst b = ["y"];', 'line 2'],
    ['a variable inside', 'const a = ["x",\n y];', 'line 2'],
    ['a template with code', 'const a = [`${y}`];', 'line 1'],
    ['a sum of something else', 'const a = ["x" + 1];', 'line 1'],
    ['spread', 'const a = [...b];', 'line 1'],
    ['a method', 'const a = { b() { return 1 } };', 'line 1'],
    ['a bracket that is not closed', 'const a = ["x"', 'line 1'],
    ['a quote that is not closed', 'const a = ["x]', 'line 1'],
    ['a regular expression', 'const a = [/x/];', 'line 1'],
    ['numbers in octal', 'const a = ["\\07"];', 'line 1'],
    ['no list at all', 'export default function () {}', 'line 1'],
  ])('%s is not read, and the line is said', (_, text, message) => {
    expect(() => parseLabels(text)).toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
    );
  });

  test('a name of a field has no meaning', () => {
    expect(parseLabels('const a = { __proto__: 0, constructor: 1 };').labels).toEqual([
      ...['__proto__', 'constructor'],
    ]);
    expect(({} as Record<string, unknown>)['0']).toBeUndefined();
  });

  test.each([
    ['quotes', `const a = [${'"\\"'.repeat(200_000)}`],
    ['levels', `const a = ${'['.repeat(200_000)}${']'.repeat(200_000)};`],
    ['spaces', `const a${' '.repeat(400_000)}= 1`],
    ['statements', `const a = [];${'; '.repeat(200_000)}f()`],
    ['a map of spaces', `#\n${' '.repeat(400_000)}x`],
    ['a map of quotes', `item { name: ${'"\\"'.repeat(200_000)}`],
  ])('long %s end at once', (_, text) => {
    const before = performance.now();
    try {
      parseLabels(text);
    } catch (error) {
      expect(error).toMatchObject({ kind: 'argument' });
    }
    expect(performance.now() - before).toBeLessThan(3000);
  });
});

describe('label maps of the Object Detection API', () => {
  test('names by their ids, in any order, with comments and other fields', () => {
    const text = `# two classes
item {
  id: 2
  name: '/m/0199g'
  display_name: "bicycle"  # for people
}
item { name: "per\\"son", id: 1, keypoints { id: 7 label: "nose" } }
`;
    expect(parseLabels(text).labels).toEqual(['per"son', 'bicycle']);
  });

  test('an id that is left out has no name, and keeps the others in their places', () => {
    const text = "item { id: 1 name: 'a' } item { id: 3 name: 'c' }";
    expect(parseLabels(text).labels).toEqual(['a', 'unnamed 2', 'c']);
  });

  test.each([
    ['no name', 'item { id: 1 }', 'an id and a name in each item, found id: 1'],
    ['no id', "item { name: 'a' }", 'an id and a name in each item'],
    ['an id twice', "item { id: 1 name: 'a' } item { id: 1 name: 'b' }", 'each id once'],
    ['a huge id', "item { id: 999999999 name: 'a' }", 'at most 1000 ids left out'],
    ['a negative id', "item { id: -1 name: 'a' }", 'an id and a name'],
    ['code', 'item { id: 1 name: $(x) }', 'an id and a name'],
  ])('%s is refused', (_, text, message) => {
    expect(() => parseLabels(text)).toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
    );
  });
});
