import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, runCommand } from './run-command.ts';

let folder: string;
const model = (): string => path.join(folder, 'net');
const scene = path.join(root, 'demo/scenes/street.png');

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gradcam-describe-'));
  await cp(path.join(root, 'packages/core/test/fixtures/outputs/binary'), model(), {
    recursive: true,
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('gradcam describe', () => {
  test('says what is known, from where, and what is guessed', async () => {
    await writeFile(path.join(model(), 'labels.txt'), '0 cat\r\n1 dog\r\n');
    const { code, stdout, stderr } = await runCommand(['describe', model()]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('names: cat, dog\n')]);
    expect(stderr).toContain('read from labels.txt: 2 class names\n');
    expect(stderr).toContain('assumed: pixels are scaled to 0..1');
  });

  test('--write keeps what is stated, and only that; the next commands use it', async () => {
    const flags = ['--input-range=-1..1', '--fit', 'squash', '--write'];
    expect((await runCommand(['describe', model(), ...flags])).code).toBe(0);
    const file = path.join(model(), 'gradcam.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      schema: 1,
      // pixel / 127.5 - 1
      input: { scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1], fit: 'squash', cropFraction: 1 },
    });
    const again = await runCommand(['describe', model(), '--channels', 'bgr', '--write']);
    expect(again.code).toBe(0);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      input: { scale: 1 / 127.5, channelOrder: 'bgr', fit: 'squash' },
    });
    const out = path.join(folder, 'run');
    const explained = await runCommand(['explain', scene, '--model', model(), '--out', out]);
    expect(explained.stderr).toContain(
      'read from gradcam.json: pixels as -1..1, channels BGR, images squashed\n',
    );
    expect(explained.stderr).toContain('read from labels.txt: 2 class names\n');
    expect(explained.stderr).not.toContain('pixels are scaled');
    const run = JSON.parse(await readFile(path.join(out, 'run.json'), 'utf8')) as object;
    expect(run).toMatchObject({
      readFrom: [expect.stringContaining('gradcam.json'), expect.any(String)],
    });
  });

  test('--crop and --resize are kept too, said and used', async () => {
    const other = path.join(folder, 'other');
    await cp(path.join(root, 'packages/core/test/fixtures/outputs/labels'), other, {
      recursive: true,
    });
    const placing = ['--fit', 'squash', '--crop', '0.75', '--resize', 'bicubic'];
    expect((await runCommand(['describe', other, ...placing, '--write'])).code).toBe(0);
    const input = { fit: 'squash', cropFraction: 0.75, resize: 'bicubic-antialias' };
    const written = await readFile(path.join(other, 'gradcam.json'), 'utf8');
    expect(JSON.parse(written)).toEqual({ schema: 1, input });
    const said = await runCommand(['describe', other]);
    expect(said.stdout).toContain('squash 0.750, bicubic\n');
    expect(said.stderr).toContain('the middle 75 % of squashed images, resized bicubic\n');

    const wrong = await runCommand(['describe', other, '--crop', '1.5']);
    expect([wrong.code, wrong.stderr]).toEqual([
      64,
      expect.stringContaining('--crop takes a share'),
    ]);
    const out = path.join(folder, 'placed');
    const run = ['explain', scene, '--model', other, '--out', out, '--json'];
    // 18 of 24 rows and 24 of 32 columns, from the fourth and the fifth on.
    const explained = await runCommand([...run, '--crop', '0.75', '--resize', 'lanczos']);
    const { width, height, view } = JSON.parse(explained.stdout) as {
      width: number;
      height: number;
      view: object;
    };
    expect(view).toEqual({
      x: (width * 4) / 32,
      y: (height * 3) / 24,
      width: width * 0.75,
      height: height * 0.75,
    });
    const { settings } = JSON.parse(await readFile(path.join(out, 'run.json'), 'utf8')) as {
      settings: { input: object };
    };
    expect(settings.input).toEqual({ cropFraction: 0.75, resize: 'lanczos-antialias' });
  });

  test('a run is not resumed when what lies beside the model says other things', async () => {
    await writeFile(path.join(model(), 'labels.txt'), 'dog\ncat\n');
    const out = path.join(folder, 'run');
    const args = ['explain', scene, '--model', model(), '--out', out, '--resume'];
    const { code, stderr } = await runCommand(args);
    expect(code).toBe(64);
    expect(stderr).toContain('the description in the files beside the model was');
  });

  test.each([
    [
      'nothing stated',
      ['--write'],
      64,
      /--write saves what other flags state, and there is none; add --labels/,
    ],
    [
      'names that do not fit',
      ['--labels', 'three.txt', '--write'],
      64,
      /expected 2 names.*found 3/,
    ],
    ['an address', ['--write'], 64, /needs a model in a folder on this machine/],
  ])('refused: %s', async (what, flags, exitCode, message) => {
    const three = path.join(folder, 'three.txt');
    await writeFile(three, 'a\nb\nc');
    const name = what === 'an address' ? 'http://127.0.0.1:9/model.json' : model();
    const given = flags.map((flag) => (flag === 'three.txt' ? three : flag));
    const { code, stderr } = await runCommand(['describe', name, ...given]);
    expect([code, stderr]).toEqual([exitCode, expect.stringMatching(message)]);
  });

  test('a broken gradcam.json is an error that names the field', async () => {
    await writeFile(path.join(model(), 'gradcam.json'), '{"schema":1,"input":{"scale":"1/255"}}');
    const { code, stderr } = await runCommand(['describe', model()]);
    expect([code, stderr]).toEqual([65, expect.stringContaining('gradcam.json input.scale')]);
  });
});
