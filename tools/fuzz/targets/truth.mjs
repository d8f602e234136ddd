// @ts-check
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readTruth } from '../../../packages/cli/dist/inputs/truth.js';
import { utf8 } from '../bytes.mjs';
import { digestOf } from '../digest.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { mutateText } from '../mutate/text.mjs';
import { makeScratch } from '../scratch.mjs';

const TABLES = [
  'path,class\na.png,cat\nb.png,dog\nphotos/c.jpg,2\n',
  'a.png,n02123045\n"b.png","n02108089"\n',
  'image,label\r\n"a, b.png","hound"\r\na.png,beach_wagon\r\n',
  'a.png,0\nhttp://127.0.0.1/b.png,1\n',
];
const NAMES = {
  labels: ['cat', 'dog, hound', 'beach wagon'],
  wnids: ['n02123045', 'n02108089', 'n02814533'],
};
const IMAGES = ['a.png', 'b.png', 'photos/c.jpg', 'a, b.png'];

/** Tables of true classes. @type {import('../target.mjs').Target} */
export const truth = {
  name: 'truth-table',
  share: 4,
  mutationsOf: () => [mutateText, mutateText, mutateBytes],
  async start() {
    const folder = makeScratch('truth');
    const file = path.join(folder, 'truth.csv');
    const images = [...IMAGES.map((name) => path.join(folder, name)), 'http://127.0.0.1/b.png'];
    return {
      seeds: TABLES.map((table, i) => ({
        name: `table ${i}`,
        open: 'truth.csv',
        files: { 'truth.csv': utf8(table) },
      })),
      async run({ files }) {
        writeFileSync(file, files['truth.csv']);
        const found = await readTruth(file, images, NAMES, NAMES.labels.length);
        return digestOf(
          JSON.stringify([found.digest, images.map((image) => found.find(image) ?? null)]),
        );
      },
    };
  },
};
