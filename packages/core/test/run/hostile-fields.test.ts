import { describe, expect, test } from 'vitest';
import { parseResult, validateRun } from '../../src/run/read-results.ts';

/** What a field is replaced by, as JSON. */
const replacements = {
  null: 'null',
  true: 'true',
  text: '"x"',
  'empty text': '""',
  list: '[]',
  'list of null': '[null]',
  object: '{}',
  'object of null': '{"x":null}',
  negative: '-1',
  zero: '0',
  half: '0.5',
  seven: '7',
  huge: '1e300',
  infinite: '1e999',
  'text of digits': '"7"',
  'endless text': JSON.stringify('x'.repeat(70_000)),
  missing: null,
} as const;

type Replacement = keyof typeof replacements;
type Table = Readonly<Record<string, readonly Replacement[]>>;

const target = { kind: 'contrast', index: 3, label: 'cat', than: 4 };
const result = {
  image: 'photos/a.png',
  sha256: 'ab'.repeat(32),
  width: 640,
  height: 480,
  view: { x: -0.5, y: 2, width: 480, height: 480 },
  predictions: [{ index: 3, label: 'cat', probability: 0.9, logit: -2.5 }],
  truth: { index: 3, label: 'cat' },
  correct: true,
  explanations: [
    {
      method: 'grad-cam',
      layer: 'block4',
      target,
      score: -2.5,
      grid: [7, 7],
      relu: true,
      nothing: 0.25,
      files: { overlay: 'images/a-01234567/m.overlay.png' },
      peak: { x: 3, y: 4.5 },
      box: { x: 0, y: 0, width: 2, height: 3 },
      mask: { size: [480, 640], counts: '0', area: 6 },
      diagnostics: {
        probability: 0.9,
        gradientNorm: 1,
        negativeShare: 0.5,
        cellSize: [68, 68],
        completenessError: -0.5,
        blank: 'why',
      },
    },
  ],
  sweeps: [{ method: 'grad-cam', target, layers: ['a'], file: 'images/a-01234567/s.webp' }],
  ms: 12,
};

const texts: readonly Replacement[] = ['text', 'empty text', 'text of digits'];
const numbers: readonly Replacement[] = ['negative', 'zero', 'half', 'seven', 'huge'];
const places: readonly Replacement[] = ['negative', 'zero', 'half', 'seven'];
const shares: readonly Replacement[] = ['zero', 'half'];

/** What each field of a line may also be, by its description in `run.ts`; all else is refused. */
const lineTable: Table = {
  image: ['text', 'text of digits'],
  sha256: [],
  width: ['seven'],
  height: ['seven'],
  view: ['missing'],
  'view.x': places,
  'view.y': places,
  'view.width': ['half', 'seven'],
  'view.height': ['half', 'seven'],
  predictions: ['list'],
  'predictions.0': [],
  'predictions.0.index': ['zero', 'seven'],
  'predictions.0.label': [...texts, 'missing'],
  'predictions.0.probability': [...shares, 'missing'],
  'predictions.0.logit': numbers,
  truth: ['missing'],
  'truth.index': ['zero', 'seven'],
  'truth.label': [...texts, 'missing'],
  correct: ['true', 'missing'],
  explanations: ['list'],
  'explanations.0': [],
  'explanations.0.method': texts,
  'explanations.0.layer': texts,
  'explanations.0.target': [],
  'explanations.0.target.kind': [],
  'explanations.0.target.index': ['zero', 'seven'],
  'explanations.0.target.label': [...texts, 'missing'],
  'explanations.0.target.than': ['zero', 'seven', 'missing'],
  'explanations.0.score': numbers,
  'explanations.0.grid': [],
  'explanations.0.grid.0': ['seven'],
  'explanations.0.relu': ['true'],
  'explanations.0.nothing': [...numbers, 'missing'],
  // Without files: nothing was saved but boxes.
  'explanations.0.files': ['object'],
  'explanations.0.files.overlay': ['missing'],
  'explanations.0.peak': [],
  'explanations.0.peak.x': places,
  'explanations.0.peak.y': places,
  'explanations.0.box': ['null'],
  'explanations.0.box.x': ['zero', 'seven'],
  'explanations.0.box.y': ['zero', 'seven'],
  'explanations.0.box.width': ['seven'],
  'explanations.0.box.height': ['seven'],
  'explanations.0.mask': ['missing'],
  'explanations.0.mask.size': [],
  'explanations.0.mask.size.1': ['seven'],
  // Of 2^28 characters at most: a large mask is long.
  'explanations.0.mask.counts': [...texts, 'endless text'],
  'explanations.0.mask.area': ['zero', 'seven'],
  'explanations.0.diagnostics': [],
  'explanations.0.diagnostics.probability': [...shares, 'missing'],
  'explanations.0.diagnostics.gradientNorm': ['zero', 'half', 'seven', 'huge', 'missing'],
  'explanations.0.diagnostics.negativeShare': shares,
  'explanations.0.diagnostics.cellSize': [],
  'explanations.0.diagnostics.cellSize.0': ['half', 'seven'],
  'explanations.0.diagnostics.completenessError': [...numbers, 'missing'],
  'explanations.0.diagnostics.blank': [...texts, 'missing'],
  sweeps: ['list', 'missing'],
  'sweeps.0': [],
  'sweeps.0.method': texts,
  'sweeps.0.target': [],
  'sweeps.0.layers': ['list'],
  'sweeps.0.layers.0': texts,
  'sweeps.0.file': [],
  ms: ['zero', 'half', 'seven', 'huge'],
};

const run = {
  schema: 1,
  status: 'done',
  startedAt: '2026-03-02T09:30:00.000Z',
  finishedAt: '2026-03-02T09:31:00.000Z',
  model: {
    id: 'net',
    path: 'models/net',
    digest: 'ab'.repeat(32),
    weights: 'cd'.repeat(32),
    input: { height: 224, width: 224 },
  },
  engine: 'onnx',
  files: { original: '..' },
  resumed: [{ at: '2026-03-02T10:30:00.000Z', engine: 'onnx' }],
  versions: { node: '22.0.0' },
  settings: {
    methods: ['grad-cam'],
    targets: ['top1'],
    layers: [],
    save: ['raw'],
    colormap: 'turbo',
    alpha: 0.25,
    fit: 'crop',
    overlay: 'contour',
    legend: true,
    box: 'otsu',
    sweep: true,
    runs: 3,
    like: 'captum',
    input: { inputRange: '0..1' },
    labels: 'ab'.repeat(32),
    truth: 'ab'.repeat(32),
  },
  assumptions: ['pixels are scaled to 0..1'],
  counts: { done: 3, failed: 1, judged: 2, correct: 1 },
};

const maybeText: readonly Replacement[] = [...texts, 'missing'];
const maybeCount: readonly Replacement[] = ['zero', 'seven', 'missing'];

const runTable: Table = {
  schema: [],
  status: [],
  startedAt: texts,
  finishedAt: maybeText,
  model: [],
  'model.id': texts,
  'model.path': texts,
  'model.digest': [],
  'model.weights': ['missing'],
  'model.input': ['missing'],
  'model.input.height': ['seven'],
  'model.input.width': ['seven'],
  engine: texts,
  files: ['missing'],
  'files.original': texts,
  resumed: ['list', 'missing'],
  'resumed.0': [],
  'resumed.0.at': texts,
  'resumed.0.engine': texts,
  versions: ['object'],
  'versions.node': maybeText,
  settings: [],
  'settings.methods': ['list'],
  'settings.methods.0': texts,
  'settings.targets': ['list'],
  'settings.layers': ['list'],
  'settings.save': ['list'],
  'settings.colormap': texts,
  'settings.alpha': shares,
  'settings.fit': texts,
  'settings.overlay': maybeText,
  'settings.legend': ['true', 'missing'],
  'settings.box': maybeText,
  'settings.sweep': ['true', 'missing'],
  'settings.runs': ['seven', 'missing'],
  'settings.like': maybeText,
  // What a user stated; only compared with what is stated when the run is resumed.
  'settings.input': ['object', 'object of null', 'missing'],
  'settings.labels': maybeText,
  'settings.truth': maybeText,
  assumptions: ['list'],
  'assumptions.0': texts,
  counts: ['missing'],
  'counts.done': ['zero', 'seven'],
  'counts.failed': ['zero', 'seven'],
  'counts.judged': maybeCount,
  'counts.correct': maybeCount,
};

/** The JSON of a value with the field at `path` replaced. */
function replace(value: unknown, path: readonly string[], by: string | null): string | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return by ?? undefined;
  if (Array.isArray(value)) {
    const items = value.map((item, i) =>
      String(i) === name ? replace(item, rest, by) : JSON.stringify(item),
    );
    return `[${items.filter((item) => item !== undefined).join()}]`;
  }
  const fields = Object.entries(value as object).flatMap(([key, item]) => {
    const text = key === name ? replace(item, rest, by) : JSON.stringify(item);
    return text === undefined ? [] : [`${JSON.stringify(key)}:${text}`];
  });
  return `{${fields.join()}}`;
}

/** Every field of a value by its path, that of a list's first item for all of them. */
function* pathsOf(value: unknown, path: readonly string[] = []): Generator<string> {
  if (path.length > 0) yield path.join('.');
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) yield* pathsOf(item, [...path, name]);
}

/** `explanations.0.files` as errors write it: `explanations[0].files`. */
const asInErrors = (path: string): string => path.replace(/\.(\d+)/g, '[$1]');

describe.each([
  ['a line of results.jsonl', result, lineTable, (json: string) => parseResult(json, 7)],
  ['run.json', run, runTable, (json: string) => validateRun(JSON.parse(json))],
] as const)('%s', (_, whole, table, parse) => {
  test('is taken as it is', () => {
    expect(parse(JSON.stringify(whole))).toEqual(whole);
  });

  test('has a row for each field', () => {
    const twins = /(size\.0|grid\.1|cellSize\.1|(targets|save)\.0|input\.inputRange)$/;
    const inner = /^sweeps\.0\.target\./;
    const paths = [...pathsOf(whole)].filter((path) => !twins.test(path) && !inner.test(path));
    expect(Object.keys(table).sort()).toEqual(paths.sort());
  });

  const cases = Object.entries(table).map(([path, accepted]) => ({ path, accepted }));
  test.each(cases)('$path', ({ path, accepted }) => {
    for (const [name, by] of Object.entries(replacements)) {
      const isItem = /\.\d+$/.test(path);
      // Of a list that may be empty, an item may be missing; `grid` and its like have all of theirs.
      if (isItem && by === null) continue;
      const json = replace(whole, path.split('.'), by)!;
      if (accepted.includes(name as Replacement)) {
        expect(() => parse(json), `${path} = ${name}`).not.toThrow();
        continue;
      }
      expect(() => parse(json), `${path} = ${name}`).toThrow(
        expect.objectContaining({
          kind: 'argument',
          message: expect.stringContaining(path === 'schema' ? 'schema 1' : asInErrors(path)),
        }),
      );
    }
  });

  test.each(['null', '1', '"x"', 'true', '[]', '{}', '[[]]'])('as a whole not: %s', (json) => {
    expect(() => parse(json)).toThrow(expect.objectContaining({ kind: 'argument' }));
  });
});

describe('a line', () => {
  const withFile = (name: unknown): string =>
    JSON.stringify({
      ...result,
      explanations: [{ ...result.explanations[0], files: { overlay: name } }],
    });

  test.each([
    '',
    '.',
    '..',
    'overlay.png',
    'images/overlay.png',
    'images/a/b/overlay.png',
    'images/../overlay.png',
    'images/../../etc/passwd',
    'images/a/..',
    'images//overlay.png',
    '/images/a/overlay.png',
    '/etc/passwd',
    '../images/a/overlay.png',
    './images/a/overlay.png',
    'images/./overlay.png',
    'images/.hidden/overlay.png',
    'images/a/.overlay.png',
    'Images/a/overlay.png',
    'images\\a\\overlay.png',
    'images/a/..\\..\\overlay.png',
    'images/C:/overlay.png',
    'images/a/overlay.png:stream',
    'images/a/over\0lay.png',
    'images/a/over\nlay.png',
    'images/a/over\u007flay.png',
    `images/a/${'x'.repeat(256)}`,
    // 128 letters of two bytes.
    `images/a/${'ü'.repeat(128)}`,
    'http://127.0.0.1/images/a',
    'file:///images/a/b.png',
  ])('whose file is %j is no result', (name) => {
    const parse = (): unknown => parseResult(withFile(name), 12);
    expect(parse).toThrow('results.jsonl line 12 is not a result: explanations[0].files.overlay: ');
    // One line, whatever was in the name.
    expect(parse).not.toThrow(/[\n\u007f]/);
  });

  test.each(['images/a-01234567/grad-cam--block4--3-cat.overlay.png', `images/ü ?#%/x..y.npy`])(
    'whose file is %j is one',
    (name) => {
      expect(parseResult(withFile(name), 1)).toMatchObject({ image: 'photos/a.png' });
    },
  );

  test('may be of a class -1 for a function only', () => {
    const of = (kind: string): string =>
      replace(result, ['explanations', '0', 'target'], `{"kind":"${kind}","index":-1}`)!;
    expect(() => parseResult(of('function'), 1)).not.toThrow();
    expect(() => parseResult(of('class'), 1)).toThrow('explanations[0].target.index');
  });

  test('with an error is a failure, whatever else it has', () => {
    expect(parseResult('{"image":"a","error":"x","sha256":4}', 1)).toMatchObject({ error: 'x' });
    for (const error of ['null', '1', '{}', '[]', 'true']) {
      expect(() => parseResult(`{"image":"a","error":${error}}`, 1)).toThrow('error: expected');
    }
  });

  test('that says what others inherit is refused by its own fields', () => {
    const inherited = `{"__proto__":${JSON.stringify(result)}}`;
    expect(() => parseResult(inherited, 1)).toThrow('image: expected');
    const files = '{"__proto__":"../secret"}';
    expect(() => parseResult(replace(result, ['explanations', '0', 'files'], files)!, 1)).toThrow(
      'files.__proto__: expected a file of the run',
    );
  });
});
