// @ts-check
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchProgram } from './anonymous-memory.mjs';

/** The shortest of so many rounds counts, because writing to a disk varies. */
const ROUNDS = 3;

const gradcam = fileURLToPath(new URL('../../packages/cli/bin/gradcam.mjs', import.meta.url));

/** Anonymous memory that a conversion may take, with its probe. */
const MEMORY_TARGET = '<= 450 MB';

/**
 * The files of full-size nets by the folder that `write_full_size.py`, `write_full_size_keras.py` and
 * `write_full_size_torch.py` write, and the architecture of those that do not tell it.
 *
 * @type {readonly { file: string, architecture?: string }[]}
 */
const FILES = [
  { file: 'resnet_v1_50/resnet_v1_50.ckpt', architecture: 'resnet_v1_50' },
  { file: 'resnet_v1_50/resnet_v1_50.tar.gz', architecture: 'resnet_v1_50' },
  { file: 'vgg16/vgg16.npy', architecture: 'vgg16' },
  { file: 'keras_vgg16/vgg16.h5' },
  { file: 'keras_vgg16/vgg16.keras' },
  { file: 'torch_vgg16/vgg16.pth' },
];

/**
 * Measures `gradcam convert` against copying its file twice with fsync, without and with the probe, and the
 * most anonymous memory of the command.
 *
 * @param {string} weights folder of `tools/oracles/write_full_size.py`
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureConversion(weights) {
  for (const { file, architecture } of FILES) {
    const source = path.join(weights, file);
    if (!existsSync(source)) continue;
    const net = path.basename(file);
    const copies = [];
    const conversions = [];
    for (let round = 0; round < ROUNDS; round++) {
      copies.push(copyTwice(source));
      conversions.push((await convert(source, architecture, ['--no-probe']))?.seconds ?? Infinity);
    }
    const [copy, conversion] = [Math.min(...copies), Math.min(...conversions)];
    yield {
      what: '`gradcam convert --no-probe` / copying the file twice with fsync',
      net,
      ratio: conversion / copy,
      target: '<= 3',
      detail: `${conversion.toFixed(2)} s against ${copy.toFixed(2)} s`,
    };
    const whole = await convert(source, architecture, []);
    if (whole === null) continue;
    yield {
      what: 'peak anonymous memory of `gradcam convert`, probe included',
      net,
      value: `${whole.peakMegabytes.toFixed(0)} MB`,
      target: MEMORY_TARGET,
      detail: `${whole.seconds.toFixed(2)} s, ${(whole.seconds / copy).toFixed(2)} of copying twice`,
    };
  }
}

/** @param {string} file @returns {number} seconds */
function copyTwice(file) {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-bench-'));
  const start = performance.now();
  const buffer = Buffer.allocUnsafe(4 * 2 ** 20);
  for (const name of ['a', 'b']) {
    const [from, to] = [openSync(file, 'r'), openSync(path.join(folder, name), 'w')];
    for (let count = readSync(from, buffer); count > 0; count = readSync(from, buffer)) {
      writeSync(to, buffer, 0, count);
    }
    fsyncSync(to);
    closeSync(from);
    closeSync(to);
  }
  const seconds = (performance.now() - start) / 1000;
  rmSync(folder, { recursive: true });
  return seconds;
}

/**
 * Converts with the command.
 *
 * @param {string} source
 * @param {string | undefined} architecture
 * @param {readonly string[]} flags
 */
async function convert(source, architecture, flags) {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-bench-'));
  try {
    return await watchProgram([
      gradcam,
      ...['convert', source, '--out', path.join(folder, 'model'), '--quiet', ...flags],
      ...(architecture === undefined ? [] : ['--arch', architecture]),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
