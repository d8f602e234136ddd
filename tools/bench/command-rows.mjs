// @ts-check
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { createEngine } from './create-engine.mjs';
import sharp from 'sharp';
import { openBareForward } from './bare-forward.mjs';
import { drawInput } from './explanation-rows.mjs';
import { race } from './timing.mjs';

const command = fileURLToPath(new URL('../../packages/cli/bin/gradcam.mjs', import.meta.url));
const peer = fileURLToPath(new URL('peer.py', import.meta.url));
const IMAGES = 64;
/**
 * The images in a second, smaller folder. The difference between the folders is the cost of images once the
 * command has started.
 */
const FEW = 16;

/**
 * Measures the whole command from its start to its end: for one image, and for a folder of photographs
 * against as many bare forward passes in one warm process.
 *
 * @param {string} net
 * @param {string} folder
 * @param {{ python: string | undefined }} options
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureCommand(net, folder, { python }) {
  const work = mkdtempSync(path.join(tmpdir(), 'gradcam-bench-'));
  const photos = path.join(work, 'photos');
  const few = path.join(work, 'few');
  await writePhotos(photos, IMAGES);
  await writePhotos(few, FEW);
  let count = 0;
  /** @param {string} images @param {string} save */
  const explain = (images, save) => {
    const out = path.join(work, `run-${count++}`);
    return runProgram(process.execPath, [
      ...[command, 'explain', images, '--model', folder, '--out', out],
      ...['--save', save, '--quiet'],
    ]);
  };
  const photo = path.join(photos, 'photo-00.jpg');
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

  const model = await loadModel(openModelFolder(folder), {
    engine: createEngine(),
  });
  const bare = await openBareForward(net, model);
  const data = drawInput(model.input.height * model.input.width * 3);
  const many = await race(
    {
      forwards: async () => {
        for (let i = 0; i < IMAGES; i++) await bare.run(data, 1);
      },
      raw: () => explain(photos, 'raw'),
      overlay: () => explain(photos, 'overlay'),
      'few raw': () => explain(few, 'raw'),
      'few overlay': () => explain(few, 'overlay'),
    },
    2,
  );
  await bare.release();
  model.dispose();
  rmSync(work, { recursive: true });
  for (const [save, target] of /** @type {const} */ ([
    ['raw', '<= 1.15'],
    ['overlay', '<= 1.5'],
  ])) {
    yield {
      what: `${IMAGES} JPEGs of 500x375, --save ${save} / bare forwards`,
      net,
      ratio: many[save].wall / many.forwards.wall,
      target,
      detail: `${(many[save].wall / 1000).toFixed(2)} s against ${(many.forwards.wall / 1000).toFixed(2)} s; bare: ${bare.source}; the command with its start`,
    };
    const further = IMAGES - FEW;
    const own = many[save].wall - many[`few ${save}`].wall;
    yield {
      what: `each further JPEG, --save ${save} / a bare forward`,
      net,
      ratio: own / further / (many.forwards.wall / IMAGES),
      target,
      detail: `${(own / further).toFixed(1)} ms against ${(many.forwards.wall / IMAGES).toFixed(1)} ms; ${IMAGES} images less ${FEW}`,
    };
  }
}

/** @param {string} file @param {string[]} args @param {string} [input] @returns {Promise<void>} */
function runProgram(file, args, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`${file} ${args.join(' ')} exited with ${status}`));
    });
    child.stdin.end(input);
  });
}

/**
 * Writes pictures of noise in several sizes. They compress about as badly as photographs.
 *
 * @param {string} folder
 * @param {number} count
 */
async function writePhotos(folder, count) {
  const { mkdirSync } = await import('node:fs');
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const width = 63;
    const coarse = Buffer.from(
      Uint8Array.from(
        { length: width * 47 * 3 },
        (_, j) => ((j + 1) * (i + 3) * 2654435761) >>> 24,
      ),
    );
    await sharp(coarse, { raw: { width, height: 47, channels: 3 } })
      .resize(500, 375)
      .jpeg()
      .toFile(path.join(folder, `photo-${String(i).padStart(2, '0')}.jpg`));
  }
}
