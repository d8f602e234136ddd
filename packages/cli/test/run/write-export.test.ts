import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeExport } from '../../src/commands/export/write-export.ts';
import { makeTemporaryFolder } from '../run-command.ts';

test('of an exported model and its weights the model goes first and comes last', async () => {
  const folder = makeTemporaryFolder();
  const out = path.join(folder, 'net.onnx');
  const write = (text: string) => {
    const pieces = [new TextEncoder().encode(text)];
    return writeExport(out, { onnx: pieces, externalData: { file: 'net.onnx.data', pieces } });
  };
  await write('first');
  // Nothing takes the place of a folder that is not empty: the new weights cannot come.
  rmSync(`${out}.data`);
  mkdirSync(path.join(`${out}.data`, 'mine'), { recursive: true });
  await expect(write('second')).rejects.toThrow(/net\.onnx\.data: cannot be written/);
  expect(readdirSync(folder)).toEqual(['net.onnx.data']);
  rmSync(`${out}.data`, { recursive: true });
  await write('third');
  const both = [out, `${out}.data`].map((file) => readFileSync(file, 'utf8'));
  expect(both).toEqual(['third', 'third']);
});
