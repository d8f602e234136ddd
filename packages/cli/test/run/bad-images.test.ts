import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand, startCommand } from '../run-command.ts';
import { explainArgs, parseJsonLines, readLines, readRun, scenes, writeNoise } from './demo-run.ts';

/** A PNG whose header is right and declares any size (PNG specification, 11.2.2), with no pixels. */
function encodeHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.byteLength);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(0))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('each bad image is one line, the others are done: exit code 1', async () => {
  const folder = makeTemporaryFolder();
  const scene = sharp(path.join(scenes, 'cat-and-dog.png'));
  const [png, jpeg] = await Promise.all([scene.clone().png().toBuffer(), scene.jpeg().toBuffer()]);
  const write = (name: string, bytes: Uint8Array | string): void =>
    writeFileSync(path.join(folder, name), bytes);
  write('a-good.png', png);
  write('b-text.png', 'not an image');
  write('c-empty.jpg', '');
  write('d-huge.png', encodeHeader(50_000, 50_000));
  write('e-cut.png', png.subarray(0, png.byteLength / 2));
  write('f-cut.jpg', jpeg.subarray(0, jpeg.byteLength / 2));
  write('g-header-only.png', encodeHeader(64, 64));
  write('h-good-but-called.gif', jpeg);
  const out = path.join(folder, 'run');
  const { code, stdout, stderr } = await runCommand(explainArgs([folder], out, '--quiet'));
  expect([code, stdout]).toEqual([1, '']);

  const lines = readLines(out);
  expect(
    lines.map((line) => ('error' in line ? line.error.replace(`${folder}/`, '') : 'done')),
  ).toEqual([
    'done',
    expect.stringMatching(/^b-text\.png: not an image that can be decoded \(.+\)$/),
    'c-empty.jpg: the file is empty',
    expect.stringMatching(/^d-huge\.png: 50000 x 50000 .* more than the limit of 134\.2;/),
    expect.stringMatching(/^e-cut\.png: not an image that can be decoded/),
    expect.stringMatching(/^f-cut\.jpg: not an image that can be decoded/),
    expect.stringMatching(/^g-header-only\.png: not an image that can be decoded/),
    'done',
  ]);
  // What failed is named at the end, a line each, and nothing else with --quiet.
  const told = stderr.trimEnd().split('\n');
  expect(told).toHaveLength(6);
  for (const line of told) expect(line).toMatch(/^gradcam: .*\.(png|jpg): /);
  expect(readRun(out)).toMatchObject({ status: 'done', counts: { done: 2, failed: 6 } });
});

const isRoot = process.getuid?.() === 0;

/** A command line as a user who may not read everything, where the tests run as root, who may. */
function asNobody(...args: string[]): [program: string, args: string[]] {
  const setpriv = ['--reuid=65534', '--regid=65534', '--clear-groups', ...args];
  return isRoot ? ['setpriv', setpriv] : [args[0]!, args.slice(1)];
}

test('what may not be read, and what is no file, is a line each', async (context) => {
  if (process.platform === 'win32') return context.skip('Windows has no such modes');
  const folder = makeTemporaryFolder();
  chmodSync(folder, 0o777);
  const files = await writeNoise(folder, 2);
  chmodSync(files[1]!, 0);
  symlinkSync('nowhere', path.join(folder, 'dangling.png'));
  symlinkSync('around.png', path.join(folder, 'around.png'));
  mkdirSync(path.join(folder, 'folder.png'));
  const out = path.join(folder, 'run');
  const binary = path.join(root, 'packages/cli/bin/gradcam.mjs');
  // Nobody may write down the call either, as check-calls.ts wants it.
  const env = { ...process.env, HOME: folder, NODE_OPTIONS: '' };
  const run = (...given: string[]) =>
    spawnSync(...asNobody(...given), { env, encoding: 'utf8' as const });
  if (run('test', '-r', binary).status !== 0) {
    return context.skip('another user cannot run the command here');
  }
  const { status, stdout, stderr } = run(
    ...[process.execPath, binary, ...explainArgs([folder], out, '--quiet', '--json')],
  );
  expect(status, stderr).toBe(1);
  expect(parseJsonLines(stdout).map(({ image, error }) => [path.basename(image), error])).toEqual([
    ['around.png', `${folder}/around.png: cannot be read (ELOOP)`],
    ['dangling.png', `${folder}/dangling.png: cannot be read (ENOENT)`],
    ['noise-00000.png', undefined],
    ['noise-00001.png', `${folder}/noise-00001.png: cannot be read (EACCES)`],
  ]);
  expect(stderr.trimEnd().split('\n')).toHaveLength(3);

  chmodSync(folder, 0o555);
  const place = path.join(folder, 'no');
  const refused = run(process.execPath, binary, ...explainArgs([files[0]!], place));
  expect([refused.status, refused.stderr]).toEqual([
    73,
    `gradcam: ${place}: cannot be created (EACCES)\n`,
  ]);
  chmodSync(folder, 0o755);
});

test('many failures are counted, not all shown', async () => {
  const folder = makeTemporaryFolder();
  const names = Array.from({ length: 25 }, (_, i) => `gone-${i}.png`);
  const [good] = await writeNoise(folder, 1);
  const { code, stderr } = await startCommand(
    explainArgs(['-'], path.join(folder, 'run'), '--quiet'),
    { cwd: folder, input: [good, ...names].join('\n') },
  ).done;
  expect(code).toBe(1);
  expect(stderr.match(/cannot be read \(ENOENT\)/g)).toHaveLength(20);
  expect(stderr).toContain('5 more failed; results.jsonl names them');
});

test('a name with control characters stays on its line and colours nothing', async (context) => {
  if (process.platform === 'win32') return context.skip('Windows has no such names');
  const folder = makeTemporaryFolder();
  const [good] = await writeNoise(folder, 1);
  renameSync(good!, path.join(folder, 'a\u001b[31m.png'));
  writeFileSync(path.join(folder, 'b\nx.png'), 'not an image');
  const out = path.join(folder, 'run');
  const { code, stdout, stderr } = await runCommand(explainArgs([folder], out));
  expect(code, stderr).toBe(1);
  expect(stdout.split('\n')[0]).toBe(`${folder}/a\\u001b[31m.png`);
  expect(stderr).toContain(`gradcam: ${folder}/b\\nx.png: not an image that can be decoded`);
  expect(readLines(out).map(({ image }) => path.basename(image))).toEqual([
    'a\u001b[31m.png',
    'b\nx.png',
  ]);
});
