// @ts-check
/**
 * Writes docs/images/words.png: eight questions about the sample scenes, each with the answer of demo-vqa and
 * its map. Needs the built command.
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
  const out = path.join(work, 'run');
  execFileSync(
    process.execPath,
    [
      path.join(root, 'packages/cli/bin/gradcam.mjs'),
      'explain',
      ...rows.map(({ image }) => image),
      '--model',
      path.join(root, 'demo/words/vqa/demo-vqa.keras'),
      '--questions',
      table,
      '--sheet',
      '--out',
      out,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  await sharp(path.join(out, 'sheet.png'))
    .resize({ width: WIDTH })
    .png({ palette: true, colours: 256 })
    .toFile(path.join(root, 'docs/images/words.png'));
} finally {
  rmSync(work, { recursive: true, force: true });
}
