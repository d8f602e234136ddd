// @ts-check
/**
 * `npm run bench -- [--models <dir>] [--weights <dir>] [--nets <a,b>] [--parts <a,b>] [--python <path>]
 * [--files <dir>] [--json <file>|-] [--rounds <n>] [--seconds <n>] [--requests <n>] [--images <n>]`: measures
 * speed and memory as ratios within one run on one machine, and prints the versions. Rows whose nets, weight
 * files or Python are absent are left out, and a message names them.
 *
 * `--models` is a folder of converted models, `--weights` the folder that `tools/oracles/write_full_size.py`
 * wrote, `--files` a folder of ONNX files that `export_files.py` wrote, and `--python` a Python with PyTorch.
 * The bare forward pass is the net that `export_baseline.py` exported. `--seconds` is the time of each load
 * on the service, `--requests` the number of requests for the row of its memory, and `--images` the number
 * of images of the runs that workers share, which need redis-server. The parts are explain, many, evidence,
 * memory, command, convert, files, service, hostile and fleet. docs/benchmarks.md says how to make all
 * inputs.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { measureCommand } from './command-rows.mjs';
import { measureConversion } from './conversion-rows.mjs';
import { measureEvidence } from './evidence-rows.mjs';
import { measureExplanations } from './explanation-rows.mjs';
import { measureFleet } from './fleet-rows.mjs';
import { measureFolders } from './folder-rows.mjs';
import { measureFile } from './file-rows.mjs';
import { baselineFolder } from './bare-forward.mjs';
import { measureHostile } from './hostile-rows.mjs';
import { measureManyRuns } from './many-run-rows.mjs';
import { measureMemory } from './memory-rows.mjs';
import { measureService } from './service-rows.mjs';

/**
 * @typedef {{ what: string, net: string, ratio?: number, cpuRatio?: number, value?: string,
 * target?: string, detail: string }} Row
 */

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'demo-output/models' },
    weights: { type: 'string' },
    nets: { type: 'string', default: 'demo-resnet,demo-vgg,resnet_v1_50,vgg16' },
    parts: {
      type: 'string',
      default: 'explain,many,evidence,memory,command,convert,files,service,hostile,fleet',
    },
    files: { type: 'string', default: path.join(baselineFolder, 'files') },
    python: { type: 'string' },
    json: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '10' },
    requests: { type: 'string', default: '50000' },
    images: { type: 'string', default: '4000' },
    channels: { type: 'string', default: '256' },
  },
});

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  /**
   * The load of the last minute before anything is measured: other work on the machine lengthens wall-clock
   * times.
   */
  load: loadavg()[0],
  onnxRuntime: ort.env.versions.node ?? ort.env.versions.common,
};
say(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, ONNX Runtime ${machine.onnxRuntime}, load ${machine.load?.toFixed(1)}\n`,
);

const parts = new Set(values.parts.split(','));
const { python } = values;
if (python === undefined) say('left out: comparisons with PyTorch, for which --python names one');

/** @type {Row[]} */
const rows = [];
for (const net of values.nets.split(',')) {
  const folder = path.join(values.models, net);
  if (!existsSync(path.join(folder, 'model.json'))) {
    say(`left out: ${folder} is not here`);
    continue;
  }
  const isLarge = !net.startsWith('demo-');
  const rounds = Number(values.rounds);
  if (parts.has('explain')) await show(measureExplanations(net, folder, { rounds, python }));
  if (parts.has('many') && net !== 'vgg16') {
    await show(measureManyRuns(net, folder, { channels: Number(values.channels) }));
    await show(measureFolders(net, folder, { rounds: 3 }));
  }
  if (parts.has('evidence')) await show(measureEvidence(net, folder, { rounds: 5 }));
  if (parts.has('memory')) await show(measureMemory(net, folder, isLarge ? 50 : 1000));
  if (parts.has('command') && net === 'resnet_v1_50') {
    await show(measureCommand(net, folder, { python }));
  }
  if (parts.has('service') && (net === 'resnet_v1_50' || net === 'demo-resnet')) {
    const memoryRequests = isLarge ? 0 : Number(values.requests);
    await show(measureService(net, folder, { seconds: Number(values.seconds), memoryRequests }));
  }
  if (parts.has('hostile') && net === 'demo-resnet') {
    await show(measureHostile(net, folder, { seconds: Number(values.seconds), rounds: 3 }));
  }
  if (parts.has('fleet') && net === 'demo-resnet') {
    await show(measureFleet(net, folder, { images: Number(values.images), rounds: 3 }));
  }
}
if (parts.has('convert')) {
  if (values.weights === undefined) {
    say('left out: conversion, for which --weights names the folder of full-size nets');
  } else {
    await show(measureConversion(values.weights));
  }
}
if (parts.has('files')) {
  const names = existsSync(values.files) ? readdirSync(values.files) : [];
  const files = names.filter((name) => name.endsWith('.onnx')).sort();
  if (files.length === 0) say(`left out: no ONNX files in ${values.files}`);
  for (const name of files) {
    await show(measureFile(path.join(values.files, name), { rounds: Number(values.rounds) }));
  }
}
if (values.json !== undefined) {
  const text = `${JSON.stringify({ machine, rows }, null, 2)}\n`;
  if (values.json === '-') process.stdout.write(text);
  else writeFileSync(values.json, text);
}
process.exit(0);

/**
 * Prints a line. If the JSON goes to stdout, the line goes to stderr.
 *
 * @param {string} line
 */
function say(line) {
  (values.json === '-' ? process.stderr : process.stdout).write(`${line}\n`);
}

/** @param {AsyncIterable<Row>} measured */
async function show(measured) {
  for await (const measuredRow of measured) {
    // The targets apply to nets of the published size. In a small net the overhead dominates.
    const row = measuredRow.net.startsWith('demo-') ? withoutTarget(measuredRow) : measuredRow;
    rows.push(row);
    const figure = row.ratio === undefined ? row.value : row.ratio.toFixed(2);
    const target = row.target === undefined ? '' : ` (target ${row.target})`;
    const cpu = row.cpuRatio === undefined ? '' : `, in CPU time ${row.cpuRatio.toFixed(2)}`;
    say(`${row.net}: ${row.what} ${figure}${cpu}${target}; ${row.detail}`);
  }
}

/** @param {Row} row @returns {Row} */
function withoutTarget(row) {
  const kept = { ...row };
  delete kept.target;
  return kept;
}
