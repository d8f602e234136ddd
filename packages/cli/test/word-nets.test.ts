import { parseResults, type ResultLine } from '@gradcam/core';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand, startCommand } from './run-command.ts';

const scenes = path.join(root, 'demo/scenes');
const words = path.join(root, 'demo/words');

describe('the demo nets for words, by their names', () => {
  let models: string;
  let fetched: { stdout: string; stderr: string };

  beforeAll(async () => {
    models = mkdtempSync(path.join(tmpdir(), 'gradcam-word-nets-'));
    const { code, stdout, stderr } = await runCommand([
      ...['fetch', 'demo-vqa', 'demo-caption', '--models', models],
    ]);
    expect(code, stderr).toBe(0);
    fetched = { stdout, stderr };
  });

  afterAll(() => rmSync(models, { recursive: true, force: true }));

  async function explain(scene: string, model: string, ...flags: string[]): Promise<ResultLine> {
    const out = path.join(makeTemporaryFolder(), 'run');
    const place = path.isAbsolute(model) ? [model] : [model, '--models', models];
    const { code, stderr } = await runCommand([
      ...['explain', path.join(scenes, scene), '--model', ...place, '--out', out, ...flags],
    ]);
    expect(code, stderr).toBe(0);
    const [line] = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8')).lines;
    return line as ResultLine;
  }

  test('fetch prints their folders, each with its description', () => {
    expect(fetched.stdout.trim().split('\n')).toEqual(
      ['demo-vqa', 'demo-caption'].map((id) => path.join(models, id)),
    );
    for (const file of ['demo-vqa/model.json', 'demo-caption/demo-caption.onnx']) {
      expect(existsSync(path.join(models, file))).toBe(true);
    }
    const net = { 'demo-vqa': 'vqa', 'demo-caption': 'caption' };
    for (const [id, folder] of Object.entries(net)) {
      const [copy, given] = [path.join(models, id), path.join(words, folder)].map((at) =>
        JSON.parse(readFileSync(path.join(at, 'gradcam.json'), 'utf8')),
      );
      expect(copy).toMatchObject({ text: given.text, input: given.input });
    }
  });

  test('a question and a caption are those of the files themselves', async () => {
    const ask = ['--ask', 'what is left of the dog?'];
    const answered = await explain('cat-and-dog.png', 'demo-vqa', ...ask);
    const original = await explain(
      'cat-and-dog.png',
      path.join(words, 'vqa/demo-vqa.keras'),
      ...ask,
    );
    expect(answered.text).toEqual(original.text);
    expect(answered.predictions).toEqual(original.predictions);
    const told = await explain('parade.png', 'demo-caption', '--caption');
    const whole = await explain('parade.png', path.join(words, 'caption'), '--caption');
    expect(told.text).toEqual(whole.text);
  });

  test('they are explained by name without a fetch, too', async () => {
    const here = makeTemporaryFolder();
    const env = { XDG_CACHE_HOME: path.join(here, 'cache') };
    const ask = async (scene: string, ...flags: string[]): Promise<string> => {
      const given = [
        'explain',
        path.join(scenes, scene),
        '--out',
        path.join(here, scene),
        '--json',
      ];
      const { code, stdout, stderr } = await startCommand([...given, ...flags], {
        cwd: here,
        env,
      }).done;
      expect(code, stderr).toBe(0);
      return JSON.stringify((JSON.parse(stdout) as ResultLine).text);
    };
    const question = ['--ask', 'what is left of the dog?'];
    expect(await ask('cat-and-dog.png', '--model', 'demo-vqa', ...question)).toContain('answer');
    expect(await ask('parade.png', '--model', 'demo-caption', '--caption')).toContain('caption');
  });

  test('a second fetch keeps what the reader wrote into the description', async () => {
    const file = path.join(models, 'demo-caption/gradcam.json');
    const text = readFileSync(file, 'utf8');
    const own = `${text.trimEnd()}\n\n`;
    writeFileSync(file, own);
    const { code, stderr } = await runCommand(['fetch', 'demo-caption', '--models', models]);
    expect(code, stderr).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(own);
  });

  test('they are among the models, and what they cannot do is refused', async () => {
    const { stdout } = await runCommand(['models', '--json', '--models', models]);
    const rows = JSON.parse(stdout) as { id: string; folder: string; downloadBytes: number }[];
    for (const id of ['demo-vqa', 'demo-caption']) {
      const row = rows.filter((one) => one.id === id);
      expect(row).toMatchObject([{ folder: path.join(models, id), downloadBytes: 0 }]);
    }
    const empty = path.join(makeTemporaryFolder(), 'none');
    const given = ['--models', empty];
    const smaller = await runCommand(['fetch', 'demo-caption', '--dtype', 'float16', ...given]);
    expect([smaller.code, smaller.stderr]).toMatchObject([64, expect.stringContaining('--dtype')]);
    const other = await runCommand(['fetch', 'demo-vqa', '--source', 'mine.keras', ...given]);
    expect([other.code, other.stderr]).toMatchObject([64, expect.stringContaining('--source')]);
  });
});
