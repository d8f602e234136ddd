import { temporaryName } from '@gradcam/core/node';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeExport } from '../../src/commands/export/write-export.ts';
import { claimPart, writeWholeAmongOthers } from '../../src/runs/files/write-whole.ts';
import { makeTemporaryFolder } from '../run-command.ts';

/** The name that a process had for the moment, which is no more. */
async function claimOfDead(file: string): Promise<string> {
  const { pid } = spawnSync(process.execPath, ['--version']);
  return (await claimPart(file)).replace(`-${process.pid}-`, `-${pid}-`);
}

test('a report beside files of others: theirs stay, and what a killed process left of ours goes', async () => {
  const folder = makeTemporaryFolder();
  const file = path.join(folder, 'first.html');
  writeFileSync(`${file}.part`, 'mine');
  writeFileSync(temporaryName(path.join(folder, '.gradcam-00000000-'), '.part'), 'of another file');
  writeFileSync(await claimOfDead(file), 'half');
  await writeWholeAmongOthers(file, (part) => part.writeFile('whole'));
  expect(readFileSync(file, 'utf8')).toBe('whole');
  expect(readFileSync(`${file}.part`, 'utf8')).toBe('mine');
  expect(readdirSync(folder)).toHaveLength(3);
});

test('a write that fails leaves the earlier file and nothing else', async () => {
  const folder = makeTemporaryFolder();
  const file = path.join(folder, 'first.html');
  writeFileSync(file, 'earlier');
  const failing = writeWholeAmongOthers(file, async (part) => {
    await part.writeFile('half');
    throw new Error('no more');
  });
  await expect(failing).rejects.toThrow('no more');
  expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['first.html'], 'earlier']);
});

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
