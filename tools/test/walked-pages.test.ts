import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root, typeLine, walkPage, type NotRun } from './walk-page.ts';

const fixtures = path.join(root, 'packages/core/test/fixtures');
const viewed: NotRun = [/gradcam view/, 'somebody who ends it'];
/** A page runs the command some ten times, a second each on an idle machine. */
const TIMEOUT = 240_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gradcam-page-'));
  cpSync(path.join(root, 'demo/scenes'), path.join(folder, 'photos'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a fixture into the folder, under the name that the page gives to the user's own file. */
function put(fixture: string, name: string): void {
  cpSync(path.join(fixtures, fixture), path.join(folder, name), { recursive: true });
}

function writeLabels(labels: readonly string[]): void {
  writeFileSync(path.join(folder, 'labels.txt'), labels.map((label) => `${label}\n`).join(''));
}

/** The lines of a run, each of one picture. */
function readResults(run: string): string[] {
  return readFileSync(path.join(folder, run, 'results.jsonl'), 'utf8')
    .trim()
    .split('\n');
}

/** Runs the first program of a page in the folder, and returns what it prints. */
function runProgram(page: string): string {
  const [, code] = /```js\n([\s\S]*?)```/.exec(readFileSync(path.join(root, page), 'utf8'))!;
  // The program is put inside of the repository, so that its imports resolve as a user's would.
  const programs = mkdtempSync(path.join(root, 'tools/test/.readme-'));
  try {
    const program = path.join(programs, 'program.mjs');
    writeFileSync(program, code!);
    return execFileSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' });
  } finally {
    rmSync(programs, { recursive: true, force: true });
  }
}

describe('a newcomer who types the lines of a page one after the other', () => {
  test('docs/your-model.md', { timeout: TIMEOUT }, () => {
    put('nets/fused-sequential', 'my-model');
    put('detectors/yolov8', 'my-detector');
    writeFileSync(path.join(folder, 'things.txt'), 'person\ncar\ndog\n');
    writeLabels(Array.from({ length: 5 }, (_, i) => `kind ${i}`));
    const said = walkPage('docs/your-model.md', folder, [
      viewed,
      [/gradcam fetch mobilenet/, 'the network'],
    ]);
    const [first, second] = [...said.values()] as [string, string];
    // Before anything is stated, what is guessed is said with its flag.
    expect(first).toMatch(/assumed: .*--input-range/s);
    expect(second).toContain('gradcam.json');
    const written = readFileSync(path.join(folder, 'my-model/gradcam.json'), 'utf8');
    expect(JSON.stringify(JSON.parse(written))).toContain('kind 4');
    // What was stated once is read from then on.
    expect(typeLine('npx gradcam describe ./my-model', folder)).toMatch(
      /read from .*gradcam\.json/s,
    );
    const explained = readResults('runs/first');
    expect(explained).toHaveLength(6);
    for (const line of explained) expect(line).toMatch(/"label":"kind \d"/);
  });

  test('docs/from-pytorch.md', { timeout: TIMEOUT }, () => {
    cpSync(path.join(root, 'demo'), path.join(folder, 'demo'), { recursive: true });
    put('onnx/resnet.torchscript-open.onnx', 'my_model.onnx');
    const weights = '../../../converter/test/fixtures/torch/resnet_basic.pth';
    put(weights, 'my_weights.pth');
    put(
      weights.replace('torch/resnet_basic.pth', 'torch-heads/resnet_gray.safetensors'),
      'flowers.pth',
    );
    writeLabels(Array.from({ length: 7 }, (_, i) => `kind ${i}`));
    const said = walkPage('docs/from-pytorch.md', folder, [viewed]);
    const [demo, inspected, described] = [...said.values()] as [string, string, string];
    expect(demo).toContain('1 explained, 0 failed');
    expect(inspected).toMatch(/^\* layer2\.1\.relu:1 +relu/m);
    expect(described).toContain('written: gradcam.json');
    // The names that were stated for the file are the ones of the run.
    for (const line of readResults('runs/first')) expect(line).toMatch(/"label":"kind \d"/);
    for (const line of readResults('runs/weights')) expect(line).toMatch(/"layer":"layer4"/);
    const stated = [...said.values()].find((text) => text.includes('as stated as'));
    expect(stated).toContain('fc.0, fc.1, GELU, fc.4');
    // Two methods at the stage that the page names.
    const methods = /"method":"grad-cam","layer":"layer2.*"method":"layer-cam","layer":"layer2/;
    for (const line of readResults('runs/second')) expect(line).toMatch(methods);
  });

  test('docs/from-hugging-face.md', { timeout: TIMEOUT }, () => {
    put('hugging-face', 'my-model');
    const said = walkPage('docs/from-hugging-face.md', folder, [
      viewed,
      [/^pip install/, 'Python'],
      [/^hf download/, 'the network'],
      [/^optimum-cli/, 'Python'],
    ]);
    const [described] = [...said.values()] as [string];
    expect(described).toMatch(/read from preprocessor_config\.json: 64x64/);
    expect(described).toMatch(/read from config\.json: 5 class names/);
    expect(readResults('runs/two')[0]).toMatch(/"label":"dog"/);
  });

  test('docs/from-tfjs.md', { timeout: TIMEOUT }, () => {
    put('nets/fused-sequential', 'my-model');
    writeLabels(Array.from({ length: 5 }, (_, i) => `kind ${i}`));
    const said = walkPage('docs/from-tfjs.md', folder, [viewed]);
    expect([...said.values()][1]).toMatch(/assumed: .*--input-range/s);
    for (const line of readResults('runs/first')) expect(line).toMatch(/"label":"kind \d"/);
    expect(readResults('runs/layers')).toHaveLength(6);
    expect(runProgram('docs/from-tfjs.md')).toMatch(/^kind \d \S+ \[/);
  });
});
