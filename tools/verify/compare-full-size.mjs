// @ts-check
/**
 * Compares full-size nets with TensorFlow: converts the files that `tools/oracles/write_full_size.py` wrote,
 * loads the result with plain tfjs over HTTP, and compares logits, activations, the maps of five methods and
 * gradients at the input with TensorFlow's, on ONNX Runtime and on tfjs wasm.
 *
 * Usage: node tools/verify/compare-full-size.mjs <folder> [--onnx | --wasm] [net..]; exits with 1 if a bound
 * is exceeded. Gradients may exceed it if a ReLU or a max pool depends on the last bit. With both engines the
 * script lists the units at which they differ.
 */
import { loadModel, resolveLayer } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createEngine,
  engineNames,
  explainAt,
  formulas,
  inputGradient,
} from './explain-arrays.mjs';
import { decodeFloats, readArray, readExpected, readInput } from './full-size-expected.mjs';
import { compareDecisions, listDecisions } from './kinks.mjs';
import { pixelError, relativeToRange, relativeToScale } from './measures.mjs';
import { runPlainTfjs } from './plain-tfjs.mjs';

/** Two correct float32 engines differ by about 1e-6 of the measure, and a wrong rule differs by 1e-2. */
const BOUND = 1e-4;

const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const [folder, ...only] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (folder === undefined) throw new Error('usage: compare-full-size.mjs <folder> [--wasm] [net..]');
const engines = engineNames.filter((name) => flags.length === 0 || flags.includes(`--${name}`));
const command = fileURLToPath(new URL('../../packages/cli/bin/gradcam.mjs', import.meta.url));
let failed = 0;

for (const net of readdirSync(folder)) {
  const from = path.join(folder, net);
  if (!existsSync(path.join(from, 'expected.json')) || (only.length > 0 && !only.includes(net)))
    continue;
  const expected = readExpected(from);
  const input = await readInput(from, expected);
  const work = mkdtempSync(path.join(tmpdir(), 'gradcam-verify-'));
  try {
    for (const source of readdirSync(from).filter((name) => /\.(tar\.gz|tgz|npy)$/.test(name))) {
      const out = path.join(work, source);
      convert(net, path.join(from, source), out);
      const logits = await runPlainTfjs(out, input);
      report(
        'plain tfjs over HTTP, logits',
        relativeToRange(logits, decodeFloats(expected.logits)),
      );
      /** @type {Map<string, Int32Array>[]} */
      const decisions = [];
      for (const name of engines) {
        decisions.push(await compareOn(name, out, from, expected, input));
      }
      reportKinks(decisions);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
process.exit(failed === 0 ? 0 : 1);

/** @param {string} net @param {string} source @param {string} out */
function convert(net, source, out) {
  const started = performance.now();
  // The published MobileNets carry their input size in their names.
  const published = net.replace(/_integers$/, '');
  const architecture = /^mobilenet_v1_[\d.]+$/.test(published) ? `${published}_224` : published;
  const args = ['convert', source, '--arch', architecture, '--out', out];
  const { status } = spawnSync(process.execPath, [command, ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${source}: convert exited with ${status}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${net} from ${path.basename(source)}: converted in ${seconds} s\n`);
}

/** @param {typeof engineNames[number]} name @param {string} out @param {string} from
 * @param {any} expected @param {import('@gradcam/core').NdArray} input */
async function compareOn(name, out, from, expected, input) {
  const engine = await createEngine(name);
  const model = await loadModel(openModelFolder(out), { engine });
  for (const [key, maps] of Object.entries(expected.maps)) {
    const [endpoint = '', index = ''] = key.split('@');
    const { node } = resolveLayer(model, endpoint);
    const got = await explainAt(model, input, node, Number(index));
    const activations = readArray(from, expected.activations[endpoint]);
    report(`${name} ${key} activations`, relativeToRange(got.activations.data, activations));
    for (const [method, compute] of Object.entries(formulas)) {
      // Expected values come from TensorFlow's arrays and the formula in NumPy's float64, without any of our
      // code.
      const error = relativeToScale(
        compute(got).data,
        decodeFloats(maps[method]),
        maps.scales[method],
      );
      report(`${name} ${key} ${method}`, error);
    }
  }
  for (const [key, stored] of Object.entries(expected.inputGradients ?? {})) {
    const [policy = '', index = ''] = key.split('@');
    const relu = policy === 'guided' ? 'guided' : 'plain';
    const { data } = await inputGradient(model, input, Number(index), relu);
    reportPixels(`${name} input, ${key}, to float32`, data, readArray(from, stored));
    const exact = expected.exactInputGradients?.[key];
    if (exact === undefined) continue;
    reportPixels(`${name} input, ${key}, to float64`, data, readArray(from, exact));
    reportPixels(
      `TensorFlow's float32 itself, ${key}, to float64`,
      readArray(from, stored),
      readArray(from, exact),
      Infinity,
    );
  }
  const decisions = await listDecisions(model, input);
  model.dispose();
  return decisions;
}

/**
 * Prints where the engines decided differently. A gradient below such a unit differs by more than rounding.
 *
 * @param {Map<string, Int32Array>[]} decisions
 */
function reportKinks([first, second]) {
  if (first === undefined || second === undefined) return;
  const differing = compareDecisions(first, second);
  const all = [...first.values()].reduce((sum, { length }) => sum + length, 0);
  const count = differing.reduce((sum, one) => sum + one.count, 0);
  process.stdout.write(`  ${count} of ${all} kinks are seen differently by the two engines\n`);
  for (const { node, count, of } of differing) {
    process.stdout.write(`    ${node}: ${count} of ${of}\n`);
  }
}

/** @param {string} label @param {number} error @param {number} [bound] @param {string} [more] */
function report(label, error, bound = BOUND, more = '') {
  const ok = error <= bound;
  if (!ok) failed += 1;
  process.stdout.write(`  ${ok ? 'ok  ' : 'FAIL'} ${label}: ${error.toExponential(2)}${more}\n`);
}

/** @param {string} label @param {Float32Array} got @param {Float32Array} want @param {number} [bound] */
function reportPixels(label, got, want, bound) {
  const { max, beyond } = pixelError(got, want);
  report(label, max, bound, beyond === 0 ? '' : `, beyond 1e-4: ${(100 * beyond).toFixed(3)} %`);
}
