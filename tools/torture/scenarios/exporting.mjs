// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { surround } from '../scenario.mjs';

const FILES = ['onnx/explained.onnx', 'onnx/explained.onnx.data'];

/** A scenario that exports a model in two files, the second of which holds the weights. */
/** @type {import('../scenario.mjs').Scenario} */
export const exporting = {
  name: 'export',
  prepare: ({ site }) => surround(path.join(site.work, 'onnx/explained.onnx')),
  command: ({ stock }) => [
    ...['export', '--model', 'demo-resnet', '--models', stock.models],
    ...['--out', 'onnx/explained.onnx', '--external-data', '--quiet'],
  ],
  again: (around) => exporting.command(around),
  outputs: FILES.map((name) => `work/${name}`),
  checkDone({ site, undisturbed }) {
    const differ = FILES.filter((name) => {
      const [is, was] = [site, undisturbed].map(({ work }) => path.join(work, name));
      return !existsSync(is) || !readFileSync(is).equals(readFileSync(was));
    });
    return differ.map((name) => `${name} is another than that of an undisturbed run`);
  },
};
