// @ts-check
/**
 * `npm run demo`: converts the two demo nets, explains the sample scenes for the classes in them, explains
 * one scene with an ONNX file that PyTorch exported, asks a question about another, lets a net describe a
 * third, and says where the pictures are.
 *
 * It runs the commands that a user would type, and downloads nothing.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
const output = process.argv[2] ?? 'demo-output';
const models = path.join(output, 'models');
const nets = ['demo-resnet', 'demo-vgg'];

/** @typedef {{ file: string, objects: { class: string, box: Record<string, number> }[] }} Scene */

/** @type {Scene[]} */
const scenes = JSON.parse(readFileSync(path.join(root, 'demo/scenes/scenes.json'), 'utf8'));

rmSync(path.join(root, output), { recursive: true, force: true });
for (const net of nets) {
  gradcam('fetch', net, '--models', models);
  for (const { file, objects } of scenes) {
    const targets = objects.flatMap((object) => ['--target', object.class]);
    const out = path.join(output, net, path.parse(file).name);
    const image = path.join('demo/scenes', file);
    gradcam('explain', image, '--model', net, '--models', models, ...targets, '--out', out);
  }
}

// Explains with the first net again, now as PyTorch exported it to ONNX. demo/pytorch has its preprocessing
// and class names.
gradcam(
  ...['explain', 'demo/scenes/cat-and-dog.png', '--model', 'demo/pytorch'],
  ...['--target', 'cat', '--target', 'dog', '--out', path.join(output, 'pytorch', 'cat-and-dog')],
);

// Two nets that know words, which the command finds by their names.
gradcam('fetch', 'demo-vqa', 'demo-caption', '--models', models);
gradcam(
  ...['explain', 'demo/scenes/cat-and-dog.png', '--model', 'demo-vqa', '--models', models],
  ...['--ask', 'what is left of the dog?', '--out', path.join(output, 'demo-vqa', 'cat-and-dog')],
);
gradcam(
  ...['explain', 'demo/scenes/parade.png', '--model', 'demo-caption', '--models', models],
  ...['--caption', '--out', path.join(output, 'demo-caption', 'parade')],
);

process.stdout.write(`
The pictures are in ${output}/<net>/<scene>/images/. To look at them in the browser:
  npx gradcam view ${path.join(output, 'demo-resnet', 'cat-and-dog')} --models ${models}
To explain an image of yours, live:
  npx gradcam view --models ${models}
To get the real nets (VGG16 is 553 MB, ResNet-50 is 95 MB):
  npx gradcam fetch resnet_v1_50
  npx gradcam fetch vgg16
`);

/** @param {string[]} args */
function gradcam(...args) {
  process.stdout.write(`\n$ npx gradcam ${args.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [command, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
