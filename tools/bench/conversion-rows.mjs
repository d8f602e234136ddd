// @ts-check
import { spawnSync } from 'node:child_process';
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

const convertOnce = fileURLToPath(new URL('convert-once.mjs', import.meta.url));

/**
 * Measures the time of a conversion against copying its file twice with fsync, and the peak memory of the
 * process as the operating system counts it.
 *
 * @param {string} weights folder of `tools/oracles/write_full_size.py`
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureConversion(weights) {
  const checkpoint = path.join(weights, 'resnet_v1_50/resnet_v1_50.ckpt');
  if (existsSync(checkpoint)) {
    const copies = [0, 1, 2].map(() => copyTwice(checkpoint));
    const conversions = [0, 1, 2].map(() => convert(checkpoint, 'resnet_v1_50').seconds);
    const [copy, conversion] = [Math.min(...copies), Math.min(...conversions)];
    yield {
      what: 'converting a V1 checkpoint / copying it twice with fsync',
      net: 'resnet_v1_50',
      ratio: conversion / copy,
      target: '<= 3',
      detail: `${conversion.toFixed(2)} s against ${copy.toFixed(2)} s`,
    };
  }
  const npy = path.join(weights, 'vgg16/vgg16.npy');
  if (existsSync(npy)) {
    const { seconds, peakMegabytes } = convert(npy, 'vgg16');
    yield {
      what: 'peak memory of converting vgg16.npy',
      net: 'vgg16',
      value: `${peakMegabytes.toFixed(0)} MB`,
      target: '<= 400 MB',
      detail: `${seconds.toFixed(1)} s`,
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
 * Converts in a separate process.
 *
 * @param {string} source
 * @param {string} architecture
 */
function convert(source, architecture) {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-bench-'));
  const out = path.join(folder, 'model');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [convertOnce, source, architecture, out],
    { encoding: 'utf8' },
  );
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`converting ${source} failed: ${stderr}`);
  return /** @type {{ seconds: number, peakMegabytes: number }} */ (JSON.parse(stdout));
}
