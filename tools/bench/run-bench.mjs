// @ts-check
/**
 * `npm run bench -- [--models <dir>] [--weights <dir>] [--json <file>] [--rounds <n>]`: speed and memory as
 * ratios of one run on one machine, with its versions. Rows whose nets or weight files are absent are
 * left out and named.
 *
 * `--models` holds converted models; `--weights` what `tools/oracles/write_full_size.py` wrote.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureConversion } from './conversion-rows.mjs';
import { measureExplanations } from './explanation-rows.mjs';

/** @typedef {{ what: string, net: string, ratio?: number, value?: string, target?: string, detail: string }} Row */

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'demo-output/models' },
    weights: { type: 'string' },
    json: { type: 'string' },
    rounds: { type: 'string', default: '15' },
  },
});

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};
process.stdout.write(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}\n\n`,
);

/** @type {Row[]} */
const rows = [];
for (const net of ['demo-resnet', 'demo-vgg', 'resnet_v1_50', 'vgg16']) {
  const folder = path.join(values.models, net);
  if (existsSync(path.join(folder, 'model.json'))) {
    await show(measureExplanations(net, folder, Number(values.rounds)));
  } else {
    process.stdout.write(`left out: ${folder} is not here\n`);
  }
}
if (values.weights === undefined) {
  process.stdout.write(
    'left out: conversion, for which --weights names the folder of full-size nets\n',
  );
} else {
  await show(measureConversion(values.weights));
}
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
}

/** @param {AsyncIterable<Row>} measured */
async function show(measured) {
  for await (const row of measured) {
    rows.push(row);
    const figure = row.ratio === undefined ? row.value : row.ratio.toFixed(2);
    const target = row.target === undefined ? '' : ` (target ${row.target})`;
    process.stdout.write(`${row.net}: ${row.what} ${figure}${target}; ${row.detail}\n`);
  }
}
