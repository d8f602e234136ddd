// @ts-check
import { isGradcamError, parseLabels, parseTarget } from '@gradcam/core';
import { utf8 } from '../bytes.mjs';
import { digestOf } from '../digest.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { mutateText } from '../mutate/text.mjs';
import { Disagreement } from '../oracle.mjs';

const TEXTS = [
  'cat\ndog, hound\ncar\n',
  'n02123045 tabby, tabby cat\nn02108089 boxer\nn02814533 beach wagon, station wagon\n',
  '0 cat\n1 dog\n2 car',
  '\ufeffcat\r\ndog\r\n',
  '["cat", "dog", ["n02108089", "boxer"]]',
  '{"0": ["n02123045", "tabby"], "1": ["n02108089", "boxer"]}',
  '{"cat": 0, "dog": 1, "car": 2}',
  '{"id2label": {"0": "cat", "1": "dog"}, "label2id": {"cat": 0, "dog": 1}}',
  'path: data\nnames:\n  - cat\n  - "dog" # hound\n',
  "names: {0: cat, 1: 'dog'}\nnc: 2\n",
  'index,name\n0,cat\n1,dog\n',
];
const TARGETS = ['0', 'cat', 'n02108089', 'top2', 'not:dog', '0:1'];

/** Lists of class names, and targets by those names. @type {import('../target.mjs').Target} */
export const labels = {
  name: 'labels',
  share: 12,
  mutationsOf: (file) =>
    file === 'target.txt' ? [mutateText] : [mutateText, mutateJson, mutateBytes],
  start: async () => ({
    seeds: TEXTS.map((content, i) => ({
      name: `labels ${i}`,
      open: 'labels.txt',
      files: { 'labels.txt': utf8(content), 'target.txt': utf8(TARGETS[i % TARGETS.length]) },
    })),
    async run({ files }) {
      const text = (/** @type {string} */ name) => new TextDecoder().decode(files[name]);
      const names = parseLabels(text('labels.txt'));
      const all = [...names.labels, ...names.wnids];
      if (!all.every((name) => typeof name === 'string'))
        throw new Disagreement('a class name is no text');
      const specs = [...TARGETS, text('target.txt')].map((target) => readSpec(target, names));
      return digestOf(JSON.stringify([names, specs]));
    },
  }),
};

/**
 * @param {string} target
 * @param {import('@gradcam/core').ClassNames} names
 */
function readSpec(target, names) {
  try {
    return parseTarget(target, names, Math.max(3, names.labels.length));
  } catch (error) {
    if (!isGradcamError(error)) throw error;
    return error.kind;
  }
}
