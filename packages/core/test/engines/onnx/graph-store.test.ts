import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { RunRequest, RunResult } from '../../../src/engines/port/engine.ts';
import { computeFullGrad } from '../../../src/methods/multi-pass/full-grad.ts';
import { loadModel, type Model } from '../../../src/model/model.ts';
import type { ModelFiles } from '../../../src/readers/model-files.ts';
import { createGraphStore, openModelFolder } from '../../../src/node/index.ts';
import { createOnnxEngine } from '../../../src/engines/onnx/index.ts';
import { measureBlock } from '../../../src/engines/onnx/measure-block.ts';
import { blockNet } from '../../helper/block-net.ts';
import { createRandom, randomArray } from '../../helper/random.ts';

const image = randomArray(createRandom(9), [1, 29, 26, 3]);
const seeds = [{ score: 'logit', of: { rank: 0 } }] as const;
const requests: readonly RunRequest[] = [
  { inputs: { image }, outputs: ['last'] },
  {
    inputs: { image },
    outputs: ['last'],
    gradient: { seeds, wrt: ['last'], relu: 'plain' },
  },
  { inputs: { image }, outputs: [], gradient: { seeds, wrt: ['image'], relu: 'guided' } },
];

let work: string;
beforeEach(() => {
  work = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
  onTestFinished(() => rmSync(work, { recursive: true }));
  writeModel(1);
});

/** The net with its weights times a factor; one shard, as tfjs writes it. */
function writeModel(factor: number, broken = NaN): void {
  const { topology, specs, weights } = blockNet();
  const values = specs.map(({ name }) => weights.get(name)!.data.map((value) => value * factor));
  if (factor === broken) values[3]![2] = Infinity;
  mkdirSync(path.join(work, 'model'), { recursive: true });
  writeFileSync(
    path.join(work, 'model/model.json'),
    JSON.stringify({
      format: 'layers-model',
      modelTopology: topology,
      weightsManifest: [
        {
          paths: ['weights.bin'],
          weights: specs.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
        },
      ],
    }),
  );
  writeFileSync(
    path.join(work, 'model/weights.bin'),
    Buffer.concat(values.map((array) => new Uint8Array(array.buffer))),
  );
}

interface Opened {
  readonly model: Model;
  /** Files of the model's folder that were read. */
  readonly read: string[];
  readonly notes: string[];
}

async function open(graphs: string | null, limitBytes?: number): Promise<Opened> {
  const files = openModelFolder(path.join(work, 'model'));
  const read: string[] = [];
  const watched: ModelFiles = {
    ...files,
    readFile(name) {
      read.push(name);
      return files.readFile(name);
    },
    openParts(names) {
      read.push(...names);
      return files.openParts!(names);
    },
  };
  const notes: string[] = [];
  const store =
    graphs === null
      ? undefined
      : createGraphStore({
          folder: graphs,
          fromBytes: 0,
          ...(limitBytes === undefined ? {} : { limitBytes }),
          onNote: (text) => notes.push(text),
        });
  const engine = createOnnxEngine(ort, store === undefined ? {} : { store });
  const model = await loadModel(watched, { engine });
  onTestFinished(() => model.dispose());
  return { model, read, notes };
}

/** The numbers of all requests; the same kernels give the same bits. */
async function runAll({ model }: Opened): Promise<number[][]> {
  const all: RunResult[] = [];
  for (const request of requests) all.push(await model.session.run(request));
  return all.map(({ logits, outputs, gradients }) =>
    [logits, ...outputs.values(), ...gradients.flatMap((one) => [...one.values()])].flatMap(
      ({ data }) => [...data],
    ),
  );
}

const placesIn = (folder: string): string[] =>
  readdirSync(folder).flatMap((model) =>
    readdirSync(path.join(folder, model)).map((graph) => path.join(folder, model, graph)),
  );

/** Writes bytes over those of a file, in its place. */
function overwrite(file: string, at: number, bytes: Uint8Array): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, at);
  closeSync(handle);
}

/** What may befall a kept graph, and what is said of it. */
const damages: Readonly<Record<string, readonly [(place: string) => void, RegExp]>> = {
  'the weights are zeros in one place': [
    (place) => overwrite(path.join(place, 'graph.bin'), 256, new Uint8Array(64)),
    /the bytes of graph\.bin have changed/,
  ],
  'the weights are zeros in one place, and the times are those before': [
    (place) => {
      const file = path.join(place, 'graph.bin');
      const { atime, mtime } = statSync(file);
      overwrite(file, 256, new Uint8Array(64));
      utimesSync(file, atime, mtime);
    },
    /the bytes of graph\.bin have changed/,
  ],
  'the weights are cut': [
    (place) => truncateSync(path.join(place, 'graph.bin'), 100),
    /graph\.bin has 100 bytes, made with \d+/,
  ],
  'the weights end in a hole, as of a write that was not finished': [
    (place) => {
      const file = path.join(place, 'graph.bin');
      const { size } = statSync(file);
      truncateSync(file, size / 2);
      truncateSync(file, size);
    },
    /the bytes of graph\.bin have changed/,
  ],
  'the weights are longer': [
    (place) => overwrite(path.join(place, 'graph.bin'), 2 ** 20, Uint8Array.of(1)),
    /graph\.bin has 1048577 bytes, made with \d+/,
  ],
  'the weights are replaced by others of their size': [
    (place) => {
      const file = path.join(place, 'graph.bin');
      const other = readFileSync(file).map((byte) => byte ^ 1);
      writeFileSync(`${file}.other`, other);
      copyFileSync(`${file}.other`, file);
      rmSync(`${file}.other`);
    },
    /the bytes of graph\.bin have changed/,
  ],
  'the weights are gone': [
    (place) => rmSync(path.join(place, 'graph.bin')),
    /graph\.bin is missing/,
  ],
  'the graph has another byte': [
    (place) => {
      const file = path.join(place, 'graph.onnx');
      overwrite(file, 40, Uint8Array.of(readFileSync(file)[40]! ^ 1));
    },
    /the bytes of graph\.onnx have changed/,
  ],
  'the graph is gone': [
    (place) => rmSync(path.join(place, 'graph.onnx')),
    /graph\.onnx is missing/,
  ],
  'the manifest is gone': [
    (place) => rmSync(path.join(place, 'graph.json')),
    /graph\.json is missing/,
  ],
  'the manifest is torn': [
    (place) => truncateSync(path.join(place, 'graph.json'), 50),
    /graph\.json cannot be read/,
  ],
  'the manifest lists nothing': [
    (place) => writeFileSync(path.join(place, 'graph.json'), '{"files":[]}'),
    /graph\.json does not list graph\.onnx/,
  ],
  'the manifest is huge': [
    (place) => truncateSync(path.join(place, 'graph.json'), 2 ** 20),
    /graph\.json has 1048576 bytes/,
  ],
};

describe('compiled graphs that are kept', { timeout: 60_000 }, () => {
  test('give the numbers of those that are not, and need no weights the next time', async () => {
    const graphs = path.join(work, 'graphs');
    const expected = await runAll(await open(null));
    const first = await open(graphs);
    expect(await runAll(first)).toEqual(expected);
    expect(first.read).toContain('weights.bin');
    expect(placesIn(graphs)).toHaveLength(requests.length);
    for (const place of placesIn(graphs)) {
      expect(readdirSync(place).sort()).toEqual(['graph.bin', 'graph.json', 'graph.onnx']);
    }

    const second = await open(graphs);
    expect(await runAll(second)).toEqual(expected);
    expect(second.read).toEqual(['model.json']);
    expect(placesIn(graphs)).toHaveLength(requests.length);
    expect([...first.notes, ...second.notes]).toEqual([]);

    const biases = await second.model.session.readWeights!(['last/bias']);
    expect(biases.get('last/bias')!.data).toEqual(blockNet().weights.get('last/bias')!.data);
  });

  test('FullGrad reads the weights for its biases once, not for every image', async () => {
    const graphs = path.join(work, 'graphs');
    const input = { shape: image.shape, data: image.data };
    const own = await computeFullGrad((await open(null)).model.session, input, { seeds });
    await computeFullGrad((await open(graphs)).model.session, input, { seeds });

    const kept = await open(graphs);
    const before = kept.read.length;
    const first = await computeFullGrad(kept.model.session, input, { seeds });
    const second = await computeFullGrad(kept.model.session, input, { seeds });
    expect(kept.read.slice(before)).toEqual(['weights.bin']);
    expect([first, second]).toEqual([own, own]);
  });

  test('are of the weights that are there now, also when file and time look the same', async () => {
    const graphs = path.join(work, 'graphs');
    const file = path.join(work, 'model/weights.bin');
    const before = await runAll(await open(graphs));
    const { atime, mtime } = statSync(file);
    writeModel(0.5);
    utimesSync(file, atime, mtime);
    const expected = await runAll(await open(null));
    expect(expected).not.toEqual(before);
    expect(await runAll(await open(graphs))).toEqual(expected);
  });

  describe.each(Object.entries(damages))('of which %s', (_, [damage, reason]) => {
    test('are made again, which one line for each says', async () => {
      const graphs = path.join(work, 'graphs');
      const expected = await runAll(await open(graphs));
      const places = placesIn(graphs);
      for (const place of places) damage(place);
      const damaged = await open(graphs);
      expect(await runAll(damaged)).toEqual(expected);
      expect(damaged.read).toContain('weights.bin');
      expect(damaged.notes).toHaveLength(places.length);
      for (const note of damaged.notes) {
        expect(note).toMatch(/^the compiled graph .* is damaged \(.*\), and made again$/);
        expect(note).toMatch(reason);
      }
      const mended = await open(graphs);
      expect(await runAll(mended)).toEqual(expected);
      expect([mended.read, mended.notes]).toEqual([['model.json'], []]);
    });
  });

  test('are good where they were copied to, and known there the next time', async () => {
    const [graphs, copy] = [path.join(work, 'graphs'), path.join(work, 'copy')];
    const expected = await runAll(await open(graphs));
    cpSync(graphs, copy, { recursive: true });
    const manifests = (): string[] =>
      placesIn(copy).map((place) => readFileSync(path.join(place, 'graph.json'), 'utf8'));
    const copied = manifests();
    const opened = await open(copy);
    expect(await runAll(opened)).toEqual(expected);
    expect([opened.read, opened.notes]).toEqual([['model.json'], []]);
    const known = manifests();
    expect(known.filter((text, i) => text === copied[i])).toEqual([]);
    expect(await runAll(await open(copy))).toEqual(expected);
    expect(manifests()).toEqual(known);
  });

  test('are done without where the folder cannot be made, which is told once', async () => {
    writeFileSync(path.join(work, 'file'), '');
    const graphs = path.join(work, 'file/graphs');
    const expected = await runAll(await open(null));
    const opened = await open(graphs);
    expect(await runAll(opened)).toEqual(expected);
    expect(opened.notes).toHaveLength(1);
    expect(opened.notes[0]).toMatch(/^compiled graphs are not kept in .*file\/graphs: .*ENOTDIR/);
  });

  test('take no more room than they may: those that were not used for longest go', async () => {
    const graphs = path.join(work, 'graphs');
    const opened = await open(graphs);
    await opened.model.session.run(requests[0]!);
    const [forward] = placesIn(graphs);
    const bytes = readdirSync(forward!).reduce(
      (sum, name) => sum + statSync(path.join(forward!, name)).size,
      0,
    );
    utimesSync(forward!, 1, 1);
    // Room for one and a half: the second graph takes the place of the first.
    const narrow = await open(graphs, bytes * 1.5);
    await narrow.model.session.run(requests[1]!);
    const places = placesIn(graphs);
    expect(places).toHaveLength(1);
    expect(places).not.toContain(forward);
  });

  test('leave nothing of a process that was killed while it made one', async () => {
    const graphs = path.join(work, 'graphs');
    await (await open(graphs)).model.session.run(requests[0]!);
    const [model] = readdirSync(graphs);
    const [old, fresh] = ['.making-old', '.making-now'].map((name) =>
      path.join(graphs, model!, name),
    );
    for (const folder of [old!, fresh!]) mkdirSync(folder);
    utimesSync(old!, 1, 1);
    await (await open(graphs)).model.session.run(requests[1]!);
    expect(placesIn(graphs)).toContain(fresh);
    expect(placesIn(graphs)).not.toContain(old);
  });

  test('are whole where two make the same one at the same time', async () => {
    const graphs = path.join(work, 'graphs');
    const expected = await runAll(await open(null));
    const both = await Promise.all([open(graphs), open(graphs)]);
    const results = await Promise.all(both.map((one) => runAll(one)));
    expect(results).toEqual([expected, expected]);
    expect(placesIn(graphs)).toHaveLength(requests.length);
    expect(both.flatMap(({ notes }) => notes)).toEqual([]);
  });

  test('are not made of weights that are not finite', async () => {
    writeModel(2, 2);
    const graphs = path.join(work, 'graphs');
    await expect(open(graphs)).rejects.toThrow(/found Infinity at index 2/);
    expect(existsSync(graphs)).toBe(false);
  });
});

test('a block of the runtime has as many channels as a vector register floats', async ({
  skip,
}) => {
  const flags = process.platform === 'linux' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const widths = [
    [/\bavx512f\b/, 16],
    [/\bavx2?\b/, 8],
    [/\basimd\b/, 4],
  ] as const;
  const known = widths.find(([flag]) => flag.test(flags));
  skip(known === undefined, `nothing says how wide the registers of ${cpus()[0]?.model} are`);
  expect(await measureBlock(ort)).toBe(known![1]);
});
