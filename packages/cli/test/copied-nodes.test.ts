import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';

const fixtures = path.join(root, 'packages/core/test/fixtures/copied');
const scene = path.join(root, 'demo/scenes/cat-and-dog-128.png');
const behind = path.join(fixtures, 'behind.onnx');

describe('an ONNX file with a node that is copied', () => {
  test('is inspected: its operator, who runs it, and what is not available', async () => {
    const { code, stdout, stderr } = await runCommand(['inspect', behind]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^ {2}sums\.sum\/CumSum +CumSum +12x12x6/m);
    expect(stdout).toMatch(
      /^nodes that ONNX Runtime runs as they stand in the file, without gradients: sums\.sum\/CumSum \(CumSum\)$/m,
    );
    expect(stdout).toMatch(/^methods at layer2\/Relu: grad-cam, .*score-cam/m);
    expect(stdout).toMatch(
      /^not available: gradient, .*: node sums\.sum\/CumSum \(CumSum\) is copied/m,
    );
  });

  test('is explained behind the node; before it, gradients are refused and others are not', async () => {
    const folder = makeTemporaryFolder();
    const explain = (...more: string[]) =>
      runCommand([
        ...['explain', scene, '--model', behind, '--json', '--out', path.join(folder, 'run')],
        ...more,
      ]);
    const early = await explain('--layer', 'layer1');
    expect(early.code).toBe(65);
    expect(early.stderr).toMatch(/grad-cam at layer1: node sums\.sum\/CumSum \(CumSum\) is copied/);
    const { code, stdout, stderr } = await explain('--method', 'grad-cam,eigen-cam', '--sweep');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      // A sweep leaves out the layers without a gradient.
      sweeps: [{ layers: ['layer2/Relu'] }, { layers: ['layer2/Relu'] }],
      explanations: [
        { method: 'grad-cam', grid: [12, 12] },
        { method: 'eigen-cam', grid: [12, 12] },
      ],
    });
    expect(stderr).not.toMatch(/each picture is run alone/);
  });

  test('is refused on tfjs by node name', async () => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const asked = ['explain', scene, '--model', behind, '--engine', 'wasm', '--out', out];
    const { code, stderr } = await runCommand(asked);
    expect(code).toBe(69);
    expect(stderr).toMatch(
      /engine wasm cannot compute node sums\.sum\/CumSum \(CumSum\).*use --engine onnx/,
    );
  });

  test('that takes one picture at a time says so once, and is exported', async () => {
    const folder = makeTemporaryFolder();
    const model = path.join(fixtures, 'apart.onnx');
    const { code, stderr } = await runCommand([
      ...['explain', scene, '--model', model, '--method', 'score-cam'],
      ...['--out', path.join(folder, 'run')],
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr.match(/each picture is run alone/g)).toHaveLength(1);
    const out = path.join(folder, 'explained.onnx');
    const exported = await runCommand(['export', '--model', model, '--out', out]);
    expect(exported.code, exported.stderr).toBe(0);
    expect(readFileSync(out).includes('GridSample')).toBe(true);
  });
});
