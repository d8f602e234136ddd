// @ts-check
/**
 * Writes docs/images/words.png: eight questions about the sample scenes, each with the answer of demo-vqa and
 * its map, and docs/images/caption.png: what demo-caption says of a scene, with the map of each word. Needs
 * the built command.
 *
 * Usage: node tools/docs/write-words-sheet.mjs
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = fileURLToPath(new URL('../..', import.meta.url));
const WIDTH = 1400;

/** The scenes as demo/scenes/scenes.json describes them give the answers. */
const questions = [
  ['cat-and-dog', 'what is left of the dog?', 'cat'],
  ['cat-and-dog', 'what is right of the cat?', 'dog'],
  ['parade', 'what is below the guitar?', 'elephant'],
  ['parade', 'what colour is the bird?', 'blue'],
  ['parade', 'is there an umbrella?', 'no'],
  ['garden', 'what is above the cat?', 'umbrella'],
  ['garden', 'how many turtles are there?', '1'],
  ['street', 'is there a bicycle?', 'yes'],
];

/**
 * Explains with a sheet, and writes that into the docs.
 *
 * @param {string} name @param {string[]} args
 */
async function writeSheet(name, args) {
  const out = path.join(work, name);
  execFileSync(
    process.execPath,
    [path.join(root, 'packages/cli/bin/gradcam.mjs'), 'explain', ...args, '--sheet', '--out', out],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  await sharp(path.join(out, 'sheet.png'))
    .resize({ width: WIDTH })
    .png({ palette: true, colours: 256 })
    .toFile(path.join(root, `docs/images/${name}.png`));
}

const work = mkdtempSync(path.join(tmpdir(), 'gradcam-words-'));
try {
  // A run asks one question about an image, so each question has a copy of its scene.
  const rows = questions.map(([scene, question, answer], i) => {
    const image = path.join(work, `${i + 1}-${scene}.png`);
    copyFileSync(path.join(root, `demo/scenes/${scene}.png`), image);
    return { image, line: [image, question, answer].join(',') };
  });
  const table = path.join(work, 'questions.csv');
  writeFileSync(
    table,
    `${['image,question,answer', ...rows.map(({ line }) => line)].join('\n')}\n`,
  );
  const model = (/** @type {string} */ file) => ['--model', path.join(root, 'demo/words', file)];
  await writeSheet('words', [
    ...rows.map(({ image }) => image),
    ...[...model('vqa/demo-vqa.keras'), '--questions', table],
  ]);
  await writeSheet('caption', [
    path.join(root, 'demo/scenes/parade.png'),
    ...[...model('caption/demo-caption.onnx'), '--caption'],
  ]);
} finally {
  rmSync(work, { recursive: true, force: true });
}
