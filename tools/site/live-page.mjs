// @ts-check
/** Puts the viewer's live page with the demo nets into the site, as files that any web server can serve. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sidecarNames } from '@gradcam/core';

/** Nets that the repository holds. Larger ones a reader drops on the page. */
const nets = ['demo-resnet', 'demo-vgg', 'demo-vqa', 'demo-caption'];

/**
 * @param {string} root of the repository, after `npm run build`
 * @param {string} folder that becomes the live page
 */
export function writeLivePage(root, folder) {
  const built = path.join(root, 'packages/viewer/dist');
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(built, 'assets'), path.join(folder, 'assets'), { recursive: true });
  cpSync(path.join(built, 'icon.svg'), path.join(folder, 'icon.svg'));
  cpSync(path.join(built, 'live.html'), path.join(folder, 'index.html'));
  const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
  const models = path.join(folder, 'models');
  execFileSync(process.execPath, [command, 'fetch', ...nets, '--models', models, '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const served = nets.map((id) => {
    const names = readdirSync(path.join(models, id));
    return {
      id,
      // Undefined for a model of tfjs, whose JSON is `model.json`.
      file: names.find((name) => name.endsWith('.onnx')),
      beside: names.filter((name) => sidecarNames.includes(name)),
      // Undefined for a model of pictures alone, with which the page begins.
      words: roleOf(path.join(models, id, 'gradcam.json')),
    };
  });
  const answer = { run: false, models: served, documentation: '../index.html' };
  writeFileSync(path.join(folder, 'served.json'), `${JSON.stringify(answer)}\n`);
}

/**
 * What a model does with words, as the file that describes it states.
 *
 * @param {string} file
 * @returns {string | undefined}
 */
function roleOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).text?.role : undefined;
}
