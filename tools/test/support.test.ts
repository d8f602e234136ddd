import type { WeightFormat } from '@gradcam/converter';
import { methods } from '@gradcam/core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { fillTables, findMissingFiles, findUnproven, readSupport, root } from '../docs/support.mjs';

const tables = readSupport();

/** What a row without tests has to say of itself. */
const UNTESTED = /not run|not tested|not verified|not walked|are read;/;

/**
 * The beginning of a row in the table of formats, for each format that the converter reads. The compiler asks
 * for a new format here; its row in docs/support.json names the tests that open its files.
 */
const formats: Readonly<Record<WeightFormat, string>> = {
  npy: '`.npy`, a numeric array',
  'npy-pickle': '`.npy`, a pickled dict',
  npz: '`.npz`',
  'tf-checkpoint-v1': 'TensorFlow checkpoint, V1',
  'tf-checkpoint-v2': 'TensorFlow checkpoint, V2',
  'tfjs-layers': 'tfjs LayersModel folder',
  'keras-h5': '`.h5`, a whole model',
  'keras-zip': '`.keras`',
  'torch-zip': '`.pth`, `.pt`, a zip archive',
  'torch-legacy': '`.pth` of PyTorch before 1.6',
  'torch-tar': '`.pth` of PyTorch before 0.1.10',
  safetensors: '`.safetensors`',
  'tf-saved-model': 'SavedModel',
  'tf-frozen-graph': '`.pb`, a frozen graph',
};

describe('docs/support.json', () => {
  test.each([...new Set(tables.map(({ page }) => page))])('is what %s says', async (page) => {
    const file = path.join(root, page);
    const text = readFileSync(file, 'utf8');
    const own = tables.filter((table) => table.page === page);
    const options = { ...(await resolveConfig(file)), filepath: file };
    expect(text, 'run: node tools/docs/write-support-tables.mjs').toBe(
      await format(fillTables(text, own), options),
    );
  });

  test('names files of tests that are there', () => {
    expect(findMissingFiles(tables)).toEqual([]);
  });

  test('a row without a test says that it has none', () => {
    const silent = tables.flatMap(({ rows }) =>
      rows.filter(({ tests, cells }) => tests.length === 0 && !UNTESTED.test(cells.join(' '))),
    );
    expect(silent.map(({ cells }) => cells[0])).toEqual([]);
  });

  test('has a row for each format that the converter reads, and for each that core reads', () => {
    const rows = tables.find(({ name }) => name === 'formats')!.rows.map(({ cells }) => cells[0]);
    for (const start of [...Object.values(formats), 'tfjs GraphModel folder', '`.onnx`']) {
      expect(rows.some((cell) => cell!.startsWith(start))).toBe(true);
    }
  });

  test('shows each format on a page of its own, with two commands, what is assumed and what is refused', () => {
    const all = tables.find(({ name }) => name === 'formats')!.rows;
    const pages = tables.filter(({ name }) => name === 'read');
    const shown = pages.flatMap(({ rows }) => rows);
    expect(all.filter((row) => !shown.includes(row)).map(({ cells }) => cells[0])).toEqual([]);
    for (const { page } of pages) {
      const [, commands = ''] = /```sh\n([^`]*)\n```/.exec(
        readFileSync(path.join(root, page), 'utf8'),
      )!;
      expect(commands.split('\n')).toHaveLength(2);
      const own = tables.filter((table) => table.page === page).map(({ name }) => name);
      expect(own).toEqual(['read', 'assumed', 'refused']);
    }
  });

  test('names every method, and how many there are of each kind', () => {
    const rows = tables.find(({ name }) => name === 'works')!.rows.map(({ cells }) => cells);
    const counted = (start: string): number =>
      rows.find(([what]) => what!.startsWith(start))![1]!.split(', ').length;
    const own = methods.filter(({ passes }) => passes === 'own');
    const shared = methods.filter(({ passes }) => passes === 'shared');
    const of = (form: 'grid' | 'pixels'): number => shared.filter(({ map }) => map === form).length;
    expect(counted('Methods at a layer')).toBe(of('grid'));
    expect(counted('Methods at the input')).toBe(of('pixels'));
    expect(counted('Methods of many runs')).toBe(own.length);
  });
});

describe('a run of the tests says which rows it has not seen', () => {
  const table = (...tests: string[]) => [
    { page: 'p.md', name: 'n', columns: ['a'], rows: [{ cells: ['x'], tests }] },
  ];
  const result = (name: string, state: string, file = 'a.test.ts') => ({ file, name, state });

  test('one that passed is seen; a part of its name will do', () => {
    expect(
      findUnproven(table('a.test.ts > on wasm'), [result('op > on wasm > relu', 'passed')]),
    ).toEqual({
      unproven: [],
      skipped: [],
    });
  });

  test('one that is gone, or failed, is not', () => {
    const named = table('a.test.ts > gone', 'a.test.ts > bad');
    expect(
      findUnproven(named, [result('bad', 'failed'), result('good', 'passed')]).unproven,
    ).toEqual(['a.test.ts > gone', 'a.test.ts > bad']);
  });

  test('of skipped ones and of files that did not run nothing is demanded', () => {
    const named = table('a.test.ts > page', 'b.test.ts > other');
    expect(findUnproven(named, [result('page', 'skipped')])).toEqual({
      unproven: [],
      skipped: ['a.test.ts > page'],
    });
  });
});
