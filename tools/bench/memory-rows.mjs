// @ts-check
import { statSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchProgram } from './anonymous-memory.mjs';

const program = fileURLToPath(new URL('explain-in-process.mjs', import.meta.url));

/**
 * Measures the anonymous memory of a process that loads a model and explains: its peak, and its growth with
 * the number of explanations.
 *
 * @param {string} net
 * @param {string} folder
 * @param {number} explanations number of explanations for the row that measures growth
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureMemory(net, folder, explanations) {
  const weights = readdirSync(folder)
    .filter((name) => name.endsWith('.bin'))
    .reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
  const once = await watchProgram(['--expose-gc', program, folder, 'grad-cam']);
  if (once === null) return;
  yield {
    what: 'peak anonymous memory, load and one Grad-CAM',
    net,
    value: `${once.peakMegabytes.toFixed(0)} MB`,
    ...(net === 'vgg16' ? { target: '<= 1200 MB' } : {}),
    detail: `weights ${(weights / 1e6).toFixed(0)} MB`,
  };
  const parts = await watchProgram([
    '--expose-gc',
    program,
    folder,
    'forward',
    'grad-cam',
    'guided',
  ]);
  const [forward, cam, guided] = bytesOf(parts?.lines);
  yield {
    what: 'memory that Grad-CAM adds to a loaded forward / weights',
    net,
    ratio: (cam - forward) / weights,
    target: '<= 0.10',
    detail: `${megabytes(forward)}, then ${megabytes(cam)}`,
  };
  yield {
    what: 'memory that guided backprop adds to that / weights',
    net,
    ratio: (guided - cam) / weights,
    target: '<= 1.1 of the convolutions’',
    detail: `${megabytes(cam)}, then ${megabytes(guided)}`,
  };
  const warm = Math.ceil(explanations / 10);
  const many = await watchProgram([
    '--expose-gc',
    program,
    folder,
    String(warm),
    String(explanations),
  ]);
  const [before, after] = bytesOf(many?.lines);
  yield {
    what: `growth over ${explanations} explanations after ${warm}`,
    net,
    value: `${((after - before) / 1e6).toFixed(1)} MB`,
    target: 'none',
    detail: `${megabytes(before)}, then ${megabytes(after)}`,
  };
}

/** @param {string[] | undefined} lines @returns {number[]} */
function bytesOf(lines = []) {
  return lines.map((line) => /** @type {{ bytes: number }} */ (JSON.parse(line)).bytes);
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
