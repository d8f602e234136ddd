import type { ResultLine, RunFile } from '@gradcam/core';
import { encodeNpy, encodePng } from '@gradcam/core/node';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';

/** Nets and values of Keras in float64, by `tools/oracles/two_inputs.py`; pictures of the inputs' own sizes. */
const nets = path.join(root, 'packages/core/test/fixtures/two-inputs');

/** A float32 softmax of the command against float64. */
const PROBABILITIES = 2e-6;
/** Of a map's largest value: float32 through two convolutions and back against float64. */
const MAP = 2e-5;

interface Pixels {
  readonly shape: readonly [number, number, number];
  readonly uint8: string;
}

interface Expected {
  readonly pixels: Readonly<Record<string, Pixels>>;
  readonly numbers: Readonly<Record<string, readonly number[]>>;
  readonly probabilities: { readonly float32: string };
  readonly gradCam: Readonly<Record<string, { readonly float32: string }>>;
}

type Net = 'image-vector' | 'image-image' | 'image-mask';

const expectedOf = (net: Net): Expected =>
  JSON.parse(readFileSync(path.join(nets, net, 'expected.json'), 'utf8')) as Expected;

function floats({ float32 }: { readonly float32: string }): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(float32, 'base64')).buffer);
}

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-inputs-'));
const at = (name: string): string => path.join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  for (const net of ['image-vector', 'image-image', 'image-mask'] as const) {
    const { pixels } = expectedOf(net);
    for (const [input, { shape, uint8 }] of Object.entries(pixels)) {
      const [height, width, channels] = shape;
      const bytes = Uint8Array.from(Buffer.from(uint8, 'base64'));
      const data =
        channels === 3
          ? bytes
          : Uint8Array.from({ length: 3 * bytes.length }, (_, i) => bytes[Math.floor(i / 3)]!);
      writeFileSync(
        at(`${net}-${input}.png`),
        await encodePng({ width, height, channels: 3, data }),
      );
    }
  }
  const { facts } = expectedOf('image-vector').numbers as { facts: number[] };
  writeFileSync(at('facts.json'), JSON.stringify([facts]));
  writeFileSync(at('other.json'), JSON.stringify([0, 0, 0, 1]));
  writeFileSync(at('facts.npy'), encodeNpy({ shape: [4], data: Float32Array.from(facts) }));
  // What the mask's picture is to the net: 0..1.
  const { shape, uint8 } = expectedOf('image-mask').pixels['mask']!;
  const mask = Float32Array.from(Buffer.from(uint8, 'base64'), (value) => value / 255);
  writeFileSync(at('mask.npy'), encodeNpy({ shape: shape.slice(0, 2), data: mask }));
});

interface Explained {
  readonly line: ResultLine;
  readonly run: RunFile;
  readonly out: string;
  readonly stderr: string;
}

async function explain(
  net: Net,
  image: string,
  layer: string,
  ...args: string[]
): Promise<Explained> {
  const out = path.join(makeTemporaryFolder(), 'run');
  const model = ['--model', path.join(nets, net), '--layer', layer, '--save', 'raw'];
  const given = ['explain', at(`${net}-${image}.png`), ...model, '--out', out, '--json', ...args];
  const { code, stdout, stderr } = await runCommand(given);
  expect(code, stderr).toBe(0);
  const run = JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8')) as RunFile;
  return { line: JSON.parse(stdout) as ResultLine, run, out, stderr };
}

function expectAsKeras({ line, out }: Explained, net: Net, side: string): void {
  const { probabilities, gradCam } = expectedOf(net);
  const wanted = floats(probabilities);
  for (const { index, probability } of line.predictions) {
    expect(Math.abs(probability! - wanted[index]!)).toBeLessThan(PROBABILITIES);
  }
  const map = floats(gradCam[side]!);
  const scale = map.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const npy = readFileSync(path.join(out, line.explanations[0]!.files['raw']!));
  const found = new Float32Array(Uint8Array.from(npy.subarray(npy.length - 4 * map.length)).buffer);
  map.forEach((value, i) => expect(Math.abs(found[i]! - value) / scale).toBeLessThan(MAP));
}

describe('a picture and what goes in beside it, as Keras', () => {
  test.each(['facts.json', 'facts.npy'])('numbers of %s', async (file) => {
    const found = await explain(
      'image-vector',
      'image',
      'image_features',
      '--input',
      `facts=${at(file)}`,
    );
    expectAsKeras(found, 'image-vector', 'image');
    expect(found.run.settings.inputs).toEqual({ facts: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(found.run.readFrom).toEqual([expect.stringContaining(`--input facts=${at(file)}`)]);
  });

  test('a second picture, of another size and with its own scaling; either is explained', async () => {
    const right = `right=${at('image-image-right.png')}`;
    const first = await explain('image-image', 'left', 'left_features', '--input', right);
    expectAsKeras(first, 'image-image', 'left');
    expect(first.stderr).toContain('a picture of 12x16 as 12x16 rgb, pixels as 0..255, crop');

    // The one that is given is not the one that is explained, said or not.
    const left = ['--input', `left=${at('image-image-left.png')}`];
    expectAsKeras(
      await explain('image-image', 'right', 'right_features', ...left),
      'image-image',
      'right',
    );
    const stated = ['--explain-input', 'right', ...left];
    const second = await explain('image-image', 'right', 'right_features', ...stated);
    expectAsKeras(second, 'image-image', 'right');
    expect(second.run.model.input).toEqual({ height: 12, width: 16 });
    expect(second.run.settings.input).toEqual({ imageInput: 'right' });
  });

  test('two pictures of a GraphModel, either of them explained', async () => {
    const graph = ['--model', path.join(nets, 'image-image', 'graph')];
    for (const [side, other] of [
      ['left', 'right'],
      ['right', 'left'],
    ] as const) {
      const input = ['--input', `${other}=${at(`image-image-${other}.png`)}`];
      const stated = ['--explain-input', side, ...input, ...graph];
      const found = await explain('image-image', side, `${side}_features_1`, ...stated);
      expectAsKeras(found, 'image-image', side);
    }
  });

  test('a mask, as a picture and as numbers', async () => {
    for (const file of ['image-mask-mask.png', 'mask.npy']) {
      const found = await explain(
        'image-mask',
        'image',
        'image_features',
        '--input',
        `mask=${at(file)}`,
      );
      expectAsKeras(found, 'image-mask', 'image');
    }
  });
});

test('a folder is explained with the same further inputs, and resumed with no others', async () => {
  const images = [at('image-vector-image.png'), at('image-mask-image.png')];
  const out = path.join(makeTemporaryFolder(), 'run');
  const model = ['--model', path.join(nets, 'image-vector'), '--out', out, '--json'];
  const input = ['--input', `facts=${at('facts.json')}`];
  const first = await runCommand(['explain', ...images, ...model, ...input, '--sweep']);
  expect([first.code, first.stdout.trim().split('\n').length], first.stderr).toEqual([0, 2]);

  const again = await runCommand(['explain', ...images, ...model, ...input, '--sweep', '--resume']);
  expect(again.stderr).toContain('2 of 2 images are done');
  const other = ['--input', `facts=${at('other.json')}`, '--sweep', '--resume'];
  const refused = await runCommand(['explain', ...images, ...model, ...other]);
  expect(refused.code).toBe(64);
  expect(refused.stderr).toMatch(
    /--input was \{"facts":"[0-9a-f]{8}"\} and is \{"facts":"[0-9a-f]{8}"\}/,
  );
});

describe('refused in one line', () => {
  const facts = (): string => `facts=${at('facts.json')}`;
  test.each<[string, Net, () => string[], number, RegExp]>([
    ['nothing given', 'image-vector', () => [], 64, /facts \[4\]; give --input facts=<json\|npy>/],
    [
      'a mask not given',
      'image-mask',
      () => [],
      64,
      /mask \[9, 12, 1\]; give --input mask=<image\|json\|npy>/,
    ],
    [
      'a wrong name',
      'image-vector',
      () => ['--input', `fact=${at('facts.json')}`],
      64,
      /no input 'fact'; did you mean facts\?/,
    ],
    [
      'a wrong input to explain',
      'image-image',
      () => ['--explain-input', 'rigth'],
      64,
      /no input 'rigth'; did you mean right\?/,
    ],
    [
      'numbers to explain',
      'image-vector',
      () => ['--explain-input', 'facts', '--input', `image=${at('image-vector-image.png')}`],
      64,
      /facts takes \[4\], which is not a picture; the inputs that take pictures are image/,
    ],
    [
      'a name twice',
      'image-vector',
      () => ['--input', facts(), '--input', facts()],
      64,
      /--input facts is given twice/,
    ],
    ['no name', 'image-vector', () => ['--input', 'facts.json'], 64, /--input takes name=/],
    [
      'a picture for numbers',
      'image-vector',
      () => ['--input', `facts=${at('image-vector-image.png')}`],
      64,
      /this input has shape \[4\] and takes no picture/,
    ],
    [
      'too few',
      'image-vector',
      () => ['--input', `facts=${at('three.json')}`],
      65,
      /expected shape \[4\], found \[3\]/,
    ],
    [
      'ragged',
      'image-vector',
      () => ['--input', `facts=${at('ragged.json')}`],
      65,
      /expected lists of equal length \(2 here\), found one of 1/,
    ],
    [
      'words',
      'image-vector',
      () => ['--input', `facts=${at('words.json')}`],
      65,
      /expected lists of numbers, found "a"/,
    ],
    [
      'no file',
      'image-vector',
      () => ['--input', `facts=${at('none.json')}`],
      66,
      /cannot be read \(ENOENT\)/,
    ],
    [
      'a header that claims a terabyte',
      'image-vector',
      () => ['--input', `facts=${at('claim.npy')}`],
      65,
      /claim\.npy/,
    ],
    [
      'lists in lists without end',
      'image-vector',
      () => ['--input', `facts=${at('deep.json')}`],
      65,
      /at most 8 levels of lists/,
    ],
    [
      'a file far too long',
      'image-vector',
      () => ['--input', `facts=${at('long.json')}`],
      65,
      /expected 4 numbers, found 3000000 bytes of JSON/,
    ],
    [
      'no number',
      'image-vector',
      () => ['--input', `facts=${at('nan.npy')}`],
      65,
      /expected numbers, found NaN at place 2/,
    ],
    [
      'a torn array',
      'image-vector',
      () => ['--input', `facts=${at('torn.npy')}`],
      65,
      /facts=.*torn\.npy/,
    ],
  ])('%s', async (_, net, args, exitCode, message) => {
    writeFileSync(at('three.json'), '[1, 2, 3]');
    writeFileSync(at('ragged.json'), '[[1, 2], [3]]');
    writeFileSync(at('words.json'), '["a", 2, 3, 4]');
    writeFileSync(at('deep.json'), '['.repeat(100_000) + ']'.repeat(100_000));
    writeFileSync(at('long.json'), `[${'1, '.repeat(1_000_000).slice(0, -1)}`);
    const claim = Buffer.from(encodeNpy({ shape: [4], data: new Float32Array(4) })).toString(
      'latin1',
    );
    writeFileSync(
      at('claim.npy'),
      claim.replace('(4,), }            ', '(274877906944,), }'),
      'latin1',
    );
    const data = Float32Array.of(0, 1, NaN, 2);
    writeFileSync(at('nan.npy'), encodeNpy({ shape: [4], data }));
    writeFileSync(at('torn.npy'), readFileSync(at('facts.npy')).subarray(0, 134));
    const side = net === 'image-image' ? 'left' : 'image';
    const out = path.join(makeTemporaryFolder(), 'run');
    const given = [
      'explain',
      at(`${net}-${side}.png`),
      '--model',
      path.join(nets, net),
      '--out',
      out,
    ];
    const { code, stderr } = await runCommand([...given, ...args()]);
    expect([code, stderr]).toEqual([exitCode, expect.stringMatching(message)]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('describe says what a model takes, and --write keeps which input takes the picture', async () => {
  const model = path.join(makeTemporaryFolder(), 'net');
  cpSync(path.join(nets, 'image-image'), model, { recursive: true });
  const before = await runCommand(['describe', model]);
  expect(before.stdout).toContain(
    'the picture goes to input left (change it with --explain-input); give explain the further inputs as --input name=file: right [12, 16, 3]',
  );
  expect((await runCommand(['describe', model, '--explain-input', 'right', '--write'])).code).toBe(
    0,
  );
  const after = await runCommand(['describe', model, '--json']);
  expect(JSON.parse(after.stdout)).toMatchObject({
    inputs: [{ name: 'right', shape: [12, 16, 3] }, { name: 'left' }],
    input: { height: 12, width: 16, scale: 1 },
    readFrom: [
      expect.stringMatching(/^gradcam.json: pictures go to the input right/),
      expect.any(String),
    ],
  });
});

/** Runs that a method asks for are counted, not timed: by hand from its definition. */
test('methods and bench take the inputs beside the picture; export names them', async () => {
  const model = ['--model', path.join(nets, 'image-image')];
  const left = ['--explain-input', 'right', '--input', `left=${at('image-image-left.png')}`];
  const listed = await runCommand(['methods', ...model, ...left, '--json']);
  expect(listed.code, listed.stderr).toBe(0);
  expect(listed.stderr).toContain('at right_features on');
  const rows = JSON.parse(listed.stdout) as { name: string; runs?: object }[];
  const runsOf = (name: string) => rows.find((row) => row.name === name)?.runs;
  expect(runsOf('grad-cam')).toEqual({ forwards: 1, toLayer: 1, toInput: 0, tails: 0 });
  expect(runsOf('eigen-cam')).toEqual({ forwards: 1, toLayer: 0, toInput: 0, tails: 0 });
  expect(runsOf('gradient')).toEqual({ forwards: 1, toLayer: 0, toInput: 1, tails: 0 });

  const rounds = ['--rounds', '1', '--engine', 'onnx,wasm', '--json'];
  const timed = await runCommand(['bench', ...model, ...left, ...rounds]);
  expect(timed.code, timed.stderr).toBe(0);
  const { layer, engines } = JSON.parse(timed.stdout) as { layer: string; engines: object[] };
  expect([layer, engines.length]).toEqual(['right_features', 2]);

  for (const command of ['methods', 'bench']) {
    const { code, stderr } = await runCommand([command, ...model]);
    expect([code, stderr]).toEqual([64, expect.stringContaining('give --input right=<image|')]);
  }
  const out = path.join(makeTemporaryFolder(), 'x.onnx');
  const exported = await runCommand(['export', ...model, '--out', out]);
  expect([exported.code, exported.stderr]).toEqual([
    65,
    expect.stringMatching(/takes the picture alone, .* right \[12, 16, 3\] beside left/),
  ]);
  const inspected = await runCommand(['inspect', ...model.slice(1), '--explain-input', 'right']);
  expect(inspected.stdout).toContain('default layer of maps: right_features');
});
