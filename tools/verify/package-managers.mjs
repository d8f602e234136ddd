// @ts-check
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * How a package manager is called, and the files by which it takes our packages from a registry of its own.
 *
 * @typedef {object} PackageManager
 * @property {string} name
 * @property {readonly string[]} command the words before its own
 * @property {readonly string[]} add the words that install packages
 * @property {(nodeVersion: string) => Record<string, unknown>} [manifest] further fields of `package.json`
 * @property {(folder: string, registry: string) => void} configure
 */

/**
 * @param {string} folder
 * @param {string} registry
 */
function writeNpmrc(folder, registry) {
  writeFileSync(path.join(folder, '.npmrc'), `@gradcam:registry=${registry}\n`);
}

/**
 * @param {string} folder
 * @param {string} registry
 */
function writeYarnrc(folder, registry) {
  const lines = [
    'nodeLinker: node-modules',
    'enableTelemetry: false',
    'unsafeHttpWhitelist: [127.0.0.1]',
    `npmScopes: { gradcam: { npmRegistryServer: "${registry}" } }`,
  ];
  writeFileSync(path.join(folder, '.yarnrc.yml'), `${lines.join('\n')}\n`);
  // Without a lock file of its own, yarn looks for a project in the folders above.
  writeFileSync(path.join(folder, 'yarn.lock'), '');
}

const quiet = ['--no-audit', '--no-fund'];

/** @type {readonly PackageManager[]} */
export const packageManagers = [
  {
    name: 'npm 10',
    command: ['npx', '--yes', 'npm@10'],
    add: ['install', ...quiet],
    configure: writeNpmrc,
  },
  {
    name: 'npm 11',
    command: ['npx', '--yes', 'npm@11'],
    add: ['install', ...quiet],
    configure: writeNpmrc,
  },
  { name: 'pnpm', command: ['npx', '--yes', 'pnpm@10'], add: ['add'], configure: writeNpmrc },
  {
    name: 'yarn 1',
    command: ['npx', '--yes', 'yarn@1.22.22'],
    // A busy machine may not answer within half a minute.
    add: ['add', '--non-interactive', '--network-timeout', '600000'],
    // light-my-request 6.8, which Fastify has for tests, needs a package that names Node 22 as its oldest.
    // Fastify accepts 6.6, too; only yarn 1 takes the oldest Node of a package for a condition.
    manifest: (version) =>
      version.startsWith('20.') ? { resolutions: { 'light-my-request': '6.6.0' } } : {},
    configure: writeNpmrc,
  },
  {
    name: 'yarn 4',
    command: ['npx', '--yes', '--package', '@yarnpkg/cli-dist@4.18.1', 'yarn'],
    add: ['add'],
    configure: writeYarnrc,
  },
];
