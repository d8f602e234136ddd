// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writePhotos } from './photos.mjs';
import { runProgram } from './run-program.mjs';
import { race } from './timing.mjs';

const command = fileURLToPath(new URL('../../packages/cli/bin/gradcam.mjs', import.meta.url));
const peer = fileURLToPath(new URL('peer.py', import.meta.url));

/**
 * Measures the whole command from its start to its end, for one image.
 *
 * @param {string} net
 * @param {string} folder
 * @param {{ python: string | undefined }} options
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureCommand(net, folder, { python }) {
  const work = mkdtempSync(path.join(tmpdir(), 'gradcam-bench-'));
  await writePhotos(work, 1);
  let count = 0;
  /** @param {string} images @param {string} save */
  const explain = (images, save) => {
    const out = path.join(work, `run-${count++}`);
    return runProgram(process.execPath, [
      ...[command, 'explain', images, '--model', folder, '--out', out],
      ...['--save', save, '--quiet'],
    ]);
  };
  const photo = path.join(work, 'photo-00.jpg');
  /** @type {Record<string, () => Promise<unknown>>} */
  const works = { command: () => explain(photo, 'overlay') };
  if (python !== undefined) {
    works["peer's script"] = () => runProgram(python, [peer, net], 'grad-cam\n');
  }
  const single = await race(works, 3);
  yield {
    what: 'gradcam explain, one image, whole process',
    net,
    value: `${(single['command'].wall / 1000).toFixed(2)} s`,
    target: '<= 1.0 s',
    detail: 'Grad-CAM, overlay saved',
  };
  const own = single["peer's script"]?.wall;
  if (own !== undefined) {
    yield {
      what: "the same / a script in pytorch-grad-cam's way",
      net,
      ratio: single['command'].wall / own,
      target: '<= 0.25',
      detail: `${(single['command'].wall / 1000).toFixed(2)} s against ${(own / 1000).toFixed(2)} s`,
    };
  }
  rmSync(work, { recursive: true });
}
