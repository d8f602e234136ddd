// @ts-check
import { downloadImage } from '../../../packages/runs/dist/images/download-image.js';
import { utf8 } from '../bytes.mjs';
import { digestOf } from '../digest.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { createRandom } from '../random.mjs';
import { readAnswers } from './http-range.mjs';
import { SCRIPTS, startScriptedServer } from './scripted-server.mjs';

const FILE = 'picture.png';

/**
 * Downloads of an image from a server that misbehaves.
 *
 * @type {import('../target.mjs').Target}
 */
export const imageDownload = {
  name: 'download-image',
  share: 1,
  waits: true,
  mutationsOf: () => [mutateJson],
  async start() {
    const server = await startScriptedServer();
    const file = createRandom(1).bytes(2000);
    return {
      seeds: Object.entries(SCRIPTS).map(([name, answers]) => ({
        name,
        open: 'answers.json',
        files: { 'answers.json': utf8(JSON.stringify(answers).replaceAll('weights.ckpt', FILE)) },
      })),
      async run({ files }) {
        server.play({ file, fileName: FILE, answers: readAnswers(files['answers.json']) });
        return digestOf(await downloadImage(`${server.url}${FILE}`));
      },
    };
  },
};
