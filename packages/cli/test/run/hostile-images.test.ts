import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { crc32, deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readList } from '../../src/inputs/read-list.ts';
import { makeTemporaryFolder, startCommand } from '../run-command.ts';
import { explainArgs, parseJsonLines, readLines, writeNoise } from './demo-run.ts';

/** The header of a picture of 16384 x 16384, which would be 800 MB of pixels. */
function writeBomb(file: string): void {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.from([0, 0, 0x40, 0, 0, 0, 0x40, 0, 1, 0, 0, 0, 0]);
  const magic = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(64)))];
  writeFileSync(file, Buffer.concat([magic, ...chunks, chunk('IEND', Buffer.alloc(0))]));
}

test('what is no picture, and what is too much of one, is a line each; the others are explained', async (context) => {
  if (process.platform === 'win32') return context.skip('Windows has no such files');
  const folder = makeTemporaryFolder();
  const [first, last] = await writeNoise(folder, 2);
  renameSync(first!, path.join(folder, 'a.png'));
  renameSync(last!, path.join(folder, 'z.png'));
  const place = (name: string): string => path.join(folder, name);
  writeBomb(place('bomb.png'));
  execFileSync('mkfifo', [place('fifo.png')]);
  symlinkSync('/dev/zero', place('device.png'));
  mkdirSync(place('folder'));
  symlinkSync('folder', place('link.png'));
  writeFileSync(place('sparse.png'), '');
  truncateSync(place('sparse.png'), 1900 * 2 ** 20);
  writeFileSync(
    place('drawing.png'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
  );
  const out = place('run');

  const { child, done } = startCommand(explainArgs([folder], out, '--quiet', '--json'));
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const { code, stdout, stderr } = await done;
  clearTimeout(timer);
  expect(code, stderr).toBe(1);
  const reasons = parseJsonLines(stdout).map(({ image, error }) => [
    path.basename(image),
    error?.replace(`${image}: `, ''),
  ]);
  expect(reasons).toEqual([
    ['a.png', undefined],
    ['bomb.png', expect.stringContaining('more than the limit of 134.2')],
    ['device.png', 'cannot be read: expected a regular file, found a device'],
    ['drawing.png', expect.stringContaining('its kind is SVG')],
    ['fifo.png', 'cannot be read: expected a regular file, found a FIFO'],
    ['link.png', 'cannot be read: expected a regular file, found a folder'],
    ['sparse.png', expect.stringContaining('a file of 1900 MB, more than the limit of 256')],
    ['z.png', undefined],
  ]);
  expect(readLines(out)).toHaveLength(8);
  // Where one that was explained has become a FIFO, --resume finds that and does not wait.
  execFileSync('sh', ['-c', 'rm "$1" && mkfifo "$1"', 'sh', place('a.png')]);
  const again = await startCommand(explainArgs([folder], out, '--quiet', '--resume')).done;
  expect(again.code, again.stderr).toBe(1);
  expect(readLines(out).find(({ image }) => image.endsWith('a.png'))).toHaveProperty('error');
}, 180_000);

test('a list that never ends, and a picture in place of one, are refused', async () => {
  async function* zeros(): AsyncGenerator<Buffer> {
    for (const chunk = Buffer.alloc(2 ** 24); ;) yield chunk;
  }
  await expect(readList(Readable.from(zeros()), true)).rejects.toMatchObject({
    exitCode: 65,
    message: 'the list on standard input: more than 256 MB, the limit; is it the right file?',
  });
  const folder = makeTemporaryFolder();
  const args = explainArgs(['-'], path.join(folder, 'run'));
  const { code, stderr } = await startCommand(args, { input: 'GIF89a\x01\0\x01\0' }).done;
  expect([code, stderr]).toEqual([
    64,
    expect.stringContaining(
      'standard input: expected names of images, one per line, found a file of kind',
    ),
  ]);
});

test('a table of true classes and a list of names are bounded; a pipe is read', async (context) => {
  if (process.platform === 'win32') return context.skip('Windows has no such files');
  const folder = makeTemporaryFolder();
  const [image] = await writeNoise(folder, 1);
  const out = path.join(folder, 'run');
  for (const flag of ['--truth', '--labels']) {
    const endless = await startCommand(explainArgs([image!], out, flag, '/dev/zero')).done;
    expect([endless.code, endless.stderr]).toEqual([
      65,
      `gradcam: ${flag} /dev/zero: more than 64 MB, the limit; is it the right file?\n`,
    ]);
    const none = await startCommand(explainArgs([image!], out, flag, path.join(folder, 'none')))
      .done;
    expect(none.code).toBe(66);
  }
  const fifo = path.join(folder, 'truth.csv');
  execFileSync('mkfifo', [fifo]);
  const piped = startCommand(explainArgs([image!], out, '--quiet', '--truth', fifo)).done;
  writeFileSync(fifo, `${image},cat\n`);
  expect((await piped).code).toBe(0);
  expect(readLines(out)[0]).toHaveProperty('truth.label', 'cat');
}, 120_000);
