// @ts-check
import { openHttpFolder, openWeights } from '@gradcam/converter';
import { utf8 } from '../bytes.mjs';
import { digestWeights } from '../digest.mjs';
import { readFixture } from '../fixtures.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { Disagreement } from '../oracle.mjs';
import { SCRIPTS, startScriptedServer } from './scripted-server.mjs';

const FILE = 'weights.ckpt';

/**
 * A checkpoint that is read by ranges from a server that misbehaves. Thanks to its checksums it is read
 * correctly or refused.
 *
 * @type {import('../target.mjs').Target}
 */
export const httpRange = {
  name: 'http-range',
  share: 1,
  waits: true,
  mutationsOf: () => [mutateJson],
  async start() {
    const server = await startScriptedServer();
    const file = readFixture('converter/dtypes/all_dtypes.ckpt');
    /** @param {unknown} answers */
    const read = async (answers) => {
      server.play({ file, fileName: FILE, answers });
      const url = `${server.url}${FILE}`;
      return digestWeights(await openWeights(openHttpFolder(url, { fetch }), FILE));
    };
    const whole = await read(SCRIPTS['right']);
    return {
      seeds: Object.entries(SCRIPTS).map(([name, answers]) => ({
        name,
        open: 'answers.json',
        files: { 'answers.json': utf8(JSON.stringify(answers)) },
      })),
      async run({ files }) {
        const digest = await read(readAnswers(files['answers.json']));
        if (digest !== whole) throw new Disagreement('other values than the server has');
        return digest;
      },
    };
  },
};

/** @param {Uint8Array} bytes */
export function readAnswers(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return [];
  }
}
