// @ts-check
import { downloadFile } from '@gradcam/converter/node';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { utf8 } from '../bytes.mjs';
import { readFixture } from '../fixtures.mjs';
import { mutateJson } from '../mutate/json.mjs';
import { Disagreement } from '../oracle.mjs';
import { fillFolder, makeScratch } from '../scratch.mjs';
import { readAnswers } from './http-range.mjs';
import { SCRIPTS, startScriptedServer } from './scripted-server.mjs';

const FILE = 'weights.ckpt';
const STALL_MS = 300;

/**
 * Downloads with a known sha256 from a server that misbehaves.
 *
 * @type {import('../target.mjs').Target}
 */
export const download = {
  name: 'download',
  share: 0.5,
  waits: true,
  mutationsOf: () => [mutateJson],
  async start() {
    const server = await startScriptedServer();
    const folder = path.join(makeScratch('download'), 'cache');
    const file = readFixture('converter/dtypes/all_dtypes.ckpt');
    const sha256 = createHash('sha256').update(file).digest('hex');
    const fetchIt = () =>
      downloadFile({
        ...{ urls: [`${server.url}${FILE}`], fileName: FILE, cacheDirectory: folder, sha256 },
        ...{ attempts: 2, backoffMs: 1, stallMs: STALL_MS },
      });
    return {
      seeds: Object.entries(SCRIPTS).map(([name, answers]) => ({
        name,
        open: 'answers.json',
        files: { 'answers.json': utf8(JSON.stringify(answers)) },
      })),
      async run({ files }) {
        fillFolder(folder, {});
        server.play({ file, fileName: FILE, answers: readAnswers(files['answers.json']) });
        try {
          const { path: got } = await fetchIt();
          if (!readFileSync(got).equals(file))
            throw new Disagreement('other bytes than the checksum is of');
          return sha256;
        } finally {
          const left = readdirSync(folder).filter((name) => name.endsWith('.lock'));
          if (left.length > 0) throw new Disagreement('the lock is left behind');
          // After any misbehaviour, a correct server must deliver the correct file.
          server.play({ file, fileName: FILE, answers: SCRIPTS['right'] });
          const { path: got } = await fetchIt();
          if (!readFileSync(got).equals(file)) throw new Disagreement('a bad part is kept');
        }
      },
    };
  },
};
