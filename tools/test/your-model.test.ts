import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(path.join(root, 'docs/your-model.md'), 'utf8');
const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
const net = path.join(root, 'packages/core/test/fixtures/nets/fused-sequential');

/** Command lines of the page, in its order; one that goes on in the next line is one. */
const lines = [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => block!.replaceAll('\\\n', ' ').split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line !== '');

/** Lines that need what a test has not, and why. */
const notRun: readonly (readonly [line: RegExp, why: string])[] = [
  [/gradcam fetch mobilenet/, 'the network'],
  [/gradcam view/, 'somebody who ends it'],
];

describe('a newcomer who types the lines of docs/your-model.md one after the other', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'gradcam-page-'));
    // What the page takes for granted: a model, its names, photos.
    cpSync(net, path.join(folder, 'my-model'), { recursive: true });
    const detector = path.join(root, 'packages/core/test/fixtures/detectors/yolov8');
    cpSync(detector, path.join(folder, 'my-detector'), { recursive: true });
    const exported = 'packages/core/test/fixtures/onnx/resnet.torchscript-open.onnx';
    cpSync(path.join(root, exported), path.join(folder, 'model.onnx'));
    writeFileSync(path.join(folder, 'things.txt'), 'person\ncar\ndog\n');
    const classes = 5;
    writeFileSync(
      path.join(folder, 'labels.txt'),
      Array.from({ length: classes }, (_, i) => `kind ${i}\n`).join(''),
    );
    cpSync(path.join(root, 'demo/scenes'), path.join(folder, 'photos'), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What a line prints, answers and messages together. */
  const run = (line: string): string => {
    const [, ...args] = line.split(/\s+/).slice(1);
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], options);
    expect(status, `${line}\n${stderr}`).toBe(0);
    return stdout + stderr;
  };
  const isRun = (line: string): boolean => !notRun.some(([pattern]) => pattern.test(line));

  test('there are such lines', () => {
    expect(lines.filter(isRun).length).toBeGreaterThanOrEqual(3);
    // Each reason is still needed.
    for (const [pattern, why] of notRun) {
      expect(
        lines.some((line) => pattern.test(line)),
        why,
      ).toBe(true);
    }
  });

  test('each does what the page says', { timeout: 240_000 }, () => {
    const said = new Map<string, string>();
    for (const line of lines.filter(isRun)) {
      expect(line).toMatch(/^npx gradcam /);
      said.set(line, run(line));
    }
    const [first, second] = [...said.values()] as [string, string];
    // Before anything is stated, what is guessed is said with its flag.
    expect(first).toMatch(/assumed: .*--input-range/s);
    expect(second).toContain('gradcam.json');
    const written = JSON.parse(
      readFileSync(path.join(folder, 'my-model/gradcam.json'), 'utf8'),
    ) as object;
    expect(JSON.stringify(written)).toContain('kind 4');
    // What was stated once is read from then on.
    expect(run('npx gradcam describe ./my-model')).toMatch(/read from .*gradcam\.json/s);
    const results = readFileSync(path.join(folder, 'runs/first/results.jsonl'), 'utf8');
    const explained = results.trim().split('\n');
    expect(explained).toHaveLength(6);
    for (const line of explained) expect(line).toMatch(/"label":"kind \d"/);
  });
});
