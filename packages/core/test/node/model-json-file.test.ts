import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openModelFolder } from '../../src/node/model-folder.ts';
import { findModelJson } from '../../src/node/model-json-file.ts';

const model = '{"modelTopology":{},"weightsManifest":[]}';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gradcam-json-'));
  for (const name of ['one', 'two', 'none', 'usual']) await mkdir(path.join(folder, name));
  const write = (name: string, text: string) => writeFile(path.join(folder, name), text);
  await write('one/my-net.json', model);
  await write('one/my net.bin', 'weights');
  await write('one/metadata.json', '{"labels":[]}');
  await write('two/a.json', model);
  await write('two/b.json', model);
  await write('none/labels.json', '[]');
  await write('usual/model.json', model);
  await write('usual/other.json', model);
});
afterAll(() => rm(folder, { recursive: true }));

const at = (...parts: string[]): string => path.join(folder, ...parts);

test('the JSON of a model, whatever it is called', () => {
  expect(findModelJson(at('one'))).toBe(at('one', 'my-net.json'));
  expect(findModelJson(at('one', 'my-net.json'))).toBe(at('one', 'my-net.json'));
  expect(findModelJson(at('usual'))).toBe(at('usual', 'model.json'));
  expect(findModelJson(at('none'))).toBeNull();
  expect(findModelJson(at('absent'))).toBeNull();
  expect(() => findModelJson(at('two'))).toThrow(/two holds 2 models, a\.json, b\.json: give/);
});

test('its files are beside it, by a path with ./ and with percents too', async () => {
  const files = openModelFolder(at('one'));
  expect(new TextDecoder().decode(await files.readFile('model.json'))).toBe(model);
  for (const name of ['my net.bin', './my net.bin', 'my%20net.bin']) {
    expect(new TextDecoder().decode(await files.readFile(name))).toBe('weights');
  }
  await expect(files.readFile('%2e%2e/usual/model.json')).rejects.toThrow(/outside/);
});
