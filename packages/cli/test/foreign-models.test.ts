import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';

const fixtures = path.join(root, 'packages/core/test/fixtures');
const graph = path.join(fixtures, 'graph/residual');
const textLine = path.join(fixtures, 'layers/text-line');
const frames = path.join(fixtures, 'layers/frames');
const scene = path.join(root, 'demo/scenes/cat-and-dog-128.png');

interface Capabilities {
  readonly foreignLayers: readonly { layer: string; className: string; by: string }[];
  readonly methods: readonly { method: string; possible: boolean; reason?: string }[];
}

async function capabilitiesOf(model: string): Promise<Capabilities> {
  const { code, stdout, stderr } = await runCommand(['inspect', model, '--json']);
  expect(code, stderr).toBe(0);
  return (JSON.parse(stdout) as { capabilities: Capabilities }).capabilities;
}

/**
 * The graph with an op before its mean that is not translated: the remainder of a number that is larger than all
 * values, which changes none.
 */
function makeUnknownGraph(): string {
  const folder = path.join(makeTemporaryFolder(), 'graph');
  const shard = 'group1-shard1of1.bin';
  const json = JSON.parse(readFileSync(path.join(graph, 'model.json'), 'utf8')) as {
    modelTopology: { node: { name: string; op: string; input?: string[]; attr?: object }[] };
    weightsManifest: { weights: object[] }[];
  };
  const { node } = json.modelTopology;
  node.find(({ name }) => name === 'net/mean/Mean')!.input![0] = 'net/unknown';
  node.push(
    { name: 'net/large', op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } },
    { name: 'net/unknown', op: 'FloorMod', input: ['net/join/Relu', 'net/large'], attr: {} },
  );
  json.weightsManifest[0]!.weights.push({ name: 'net/large', shape: [], dtype: 'float32' });
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(json));
  const large = new Uint8Array(Float32Array.of(1e9).buffer);
  writeFileSync(
    path.join(folder, shard),
    Buffer.concat([readFileSync(path.join(graph, shard)), large]),
  );
  return folder;
}

function explainWith(model: string, out: string, ...flags: string[]) {
  return runCommand(['explain', scene, '--model', model, '--out', out, ...flags]);
}

describe('inspect says what runs where, and which methods are possible', () => {
  test('recurrent layers', async () => {
    const { foreignLayers, methods } = await capabilitiesOf(textLine);
    expect(foreignLayers).toEqual([]);
    expect(methods.filter(({ possible }) => !possible)).toMatchObject([
      { method: 'cam' },
      { method: 'cnn-fixations' },
    ]);
  });

  test('recurrent convolutions', async () => {
    const { foreignLayers, methods } = await capabilitiesOf(frames);
    expect(foreignLayers.map(({ className, by }) => [className, by])).toEqual([
      ['TimeDistributed', 'tfjs-layers'],
      ['ConvLSTM2D', 'tfjs-layers'],
    ]);
    expect(methods.find(({ method }) => method === 'grad-cam')).toMatchObject({ possible: true });
    expect(methods.find(({ method }) => method === 'guided-backprop')).toMatchObject({
      possible: false,
      reason: expect.stringContaining('ReLU policy guided') as string,
    });
  });

  test('a GraphModel that is translated has all methods', async () => {
    const { foreignLayers, methods } = await capabilitiesOf(graph);
    expect(foreignLayers).toEqual([]);
    expect(methods.filter(({ possible }) => !possible)).toEqual([]);
  });

  test('a GraphModel with an op that is not known, in words', async () => {
    const { code, stdout } = await runCommand(['inspect', makeUnknownGraph()]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\* net\/join\/Relu +Relu +5x6x6$/m);
    expect(stdout).toMatch(/^methods at net\/join\/Relu: .*score-cam/m);
    expect(stdout).toMatch(
      /^not available: grad-cam, .*node net\/unknown \(FloorMod\).*use score-cam, .*LayersModel$/m,
    );
  });
});

describe('explain', () => {
  test('recurrent convolutions: Grad-CAM on wasm, which is told', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const { code, stderr } = await explainWith(frames, out);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('engine wasm, since the model has layers that tfjs-layers runs');
    expect(existsSync(path.join(out, 'results.jsonl'))).toBe(true);
  });

  test.each(['onnx', 'wasm'])('a GraphModel: Grad-CAM, on %s', async (engine) => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const flags = ['--method', 'grad-cam', '--layer', 'join', '--json', '--engine', engine];
    const { code, stdout, stderr } = await explainWith(graph, out, ...flags, '--debug');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('the translation computes what the graph says');
    const { explanations } = JSON.parse(stdout) as { explanations: object[] };
    expect(explanations).toMatchObject([{ method: 'grad-cam', layer: 'join' }]);
  });

  test('a GraphModel with an op that is not known: Score-CAM', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const flags = ['--method', 'score-cam', '--json', '--engine', 'cpu'];
    const { code, stdout, stderr } = await explainWith(makeUnknownGraph(), out, ...flags);
    expect(code, stderr).toBe(0);
    const { explanations } = JSON.parse(stdout) as { explanations: object[] };
    expect(explanations).toMatchObject([{ method: 'score-cam', layer: 'net/join/Relu' }]);
  });

  test.each([
    [
      'a method that the model cannot have',
      makeUnknownGraph,
      ['--method', 'grad-cam'],
      65,
      /grad-cam at net.*node net\/unknown \(FloorMod\)/,
    ],
    [
      'an engine that cannot run it',
      () => frames,
      ['--engine', 'onnx'],
      69,
      /use --engine wasm or cpu/,
    ],
  ])('%s: one line, and no run directory', async (_, model, flags, expected, message) => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const { code, stderr } = await explainWith(model(), out, ...flags);
    expect(code).toBe(expected);
    expect(stderr).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });
});
