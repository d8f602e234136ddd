// @ts-check
import { loadModel } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBareForward } from './bare-forward.mjs';
import { createEngine } from './create-engine.mjs';
import { drawInput } from './explanation-rows.mjs';
import { writePhotos } from './photos.mjs';
import { runProgram } from './run-program.mjs';
import { race } from './timing.mjs';

const command = fileURLToPath(new URL('../../packages/cli/bin/gradcam.mjs', import.meta.url));
const IMAGES = 80;
/**
 * The images in a second, smaller folder. The difference between the folders is the cost of images once the
 * command has started. Both are whole batches.
 */
const FEW = 16;
const BATCH = 8;

/**
 * Measures folders of photographs against as many bare forward passes in batches, in one warm process.
 *
 * @param {string} net
 * @param {string} folder
 * @param {{ rounds: number }} options
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureFolders(net, folder, { rounds }) {
  const work = mkdtempSync(path.join(tmpdir(), 'gradcam-bench-'));
  const many = path.join(work, 'many');
  const few = path.join(work, 'few');
  await writePhotos(many, IMAGES);
  await writePhotos(few, FEW);
  let count = 0;
  /** @param {string} images @param {string} save @param {number} batch */
  const explain = (images, save, batch) => {
    const out = path.join(work, `run-${count++}`);
    return runProgram(process.execPath, [
      ...[command, 'explain', images, '--model', folder, '--out', out],
      ...['--save', save, '--batch', String(batch), '--quiet'],
    ]);
  };
  const model = await loadModel(openModelFolder(folder), { engine: createEngine() });
  const bare = await openBareForward(net, model);
  const data = drawInput(BATCH * model.input.height * model.input.width * 3);
  /** @type {Record<string, () => Promise<unknown>>} */
  const works = {
    forwards: async () => {
      for (let i = 0; i < IMAGES; i += BATCH) await bare.run(data, BATCH);
    },
  };
  const kinds = ['raw', 'overlay'].flatMap((save) =>
    [BATCH, 4, 1].map((batch) => ({ save, batch, name: `${save} in batches of ${batch}` })),
  );
  for (const { save, batch, name } of kinds) {
    works[name] = () => explain(many, save, batch);
    works[`few ${name}`] = () => explain(few, save, batch);
  }
  const costs = await race(works, rounds);
  await bare.release();
  model.dispose();
  rmSync(work, { recursive: true });
  const forward = costs['forwards'];
  for (const { save, batch, name } of kinds) {
    const [all, some] = [costs[name], costs[`few ${name}`]];
    /** @param {'wall' | 'cpu'} kind */
    const each = (kind) => (all[kind] - some[kind]) / (IMAGES - FEW);
    yield {
      what: `each further JPEG of 500x375, --save ${save}, --batch ${batch} / one image of a bare forward in batches of ${BATCH}`,
      net,
      ratio: each('wall') / (forward.wall / IMAGES),
      cpuRatio: each('cpu') / (forward.cpu / IMAGES),
      ...(batch === BATCH && { target: save === 'raw' ? '<= 1.15' : '<= 1.4' }),
      detail: `${each('wall').toFixed(1)} ms against ${(forward.wall / IMAGES).toFixed(1)} ms, CPU time ${each('cpu').toFixed(1)} against ${(forward.cpu / IMAGES).toFixed(1)} ms; ${IMAGES} images less ${FEW}; bare: ${bare.source}`,
    };
  }
}
