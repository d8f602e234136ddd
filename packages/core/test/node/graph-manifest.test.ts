import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findDamage, writeManifest } from '../../src/node/graph-manifest.ts';

const WEIGHTS_BYTES = 256 * 2 ** 20;

/** The manifest, and what the test's own process reads meanwhile. */
const LITTLE = 2 ** 20;

/** Bytes that this process has read so far, by Linux's count. */
function countRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))![1]);
}

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'graph.onnx'), 'a graph');
  writeFileSync(path.join(folder, 'graph.bin'), 'weights');
  return folder;
}

test('weights that nobody touched are not read to see that they are good', async ({ skip }) => {
  skip(process.platform !== 'linux', 'the system does not count what a process reads');
  const folder = makeFolder();
  // A hole takes no room on the disk, and is read like all bytes.
  truncateSync(path.join(folder, 'graph.bin'), WEIGHTS_BYTES);
  await writeManifest(folder);
  const before = countRead();
  expect(await findDamage(folder)).toBe(null);
  const unread = countRead();
  expect(unread - before).toBeLessThan(LITTLE);
  // Their change time is another: now they are read once, and no more.
  truncateSync(path.join(folder, 'graph.bin'), WEIGHTS_BYTES);
  expect(await findDamage(folder)).toBe(null);
  const read = countRead();
  expect(read - unread).toBeGreaterThanOrEqual(WEIGHTS_BYTES);
  expect(await findDamage(folder)).toBe(null);
  expect(countRead() - read).toBeLessThan(LITTLE);
});

test('a manifest names files of its own folder alone', async () => {
  const folder = makeFolder();
  await writeManifest(folder);
  const manifest = path.join(folder, 'graph.json');
  const outside = readFileSync(manifest, 'utf8').replace('graph.bin', '../graph.bin');
  writeFileSync(manifest, outside);
  expect(await findDamage(folder)).toBe('graph.json does not list graph.onnx and its weights');
});

test('a byte more is damage, also where digests are not needed to see it', async () => {
  const folder = makeFolder();
  await writeManifest(folder);
  appendFileSync(path.join(folder, 'graph.bin'), '!');
  expect(await findDamage(folder)).toBe('graph.bin has 8 bytes, made with 7');
});
