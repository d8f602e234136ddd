import { execFileSync } from 'node:child_process';
import { models, root } from './demo-nets.ts';

/**
 * Converts the demo nets once, before any test, into the folder from which all tests take them. It runs after
 * the command was built.
 */
export default function fetchDemoNets(): void {
  const fetchNets = ['packages/cli/bin/gradcam.mjs', 'fetch', 'demo-resnet', 'demo-vgg'];
  execFileSync(process.execPath, [...fetchNets, '--models', models, '--quiet'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
