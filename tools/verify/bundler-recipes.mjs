// @ts-check
// Usage: node tools/verify/bundler-recipes.mjs [--only vite,next] [--tarballs DIR]
// Installs the published packages and a bundler into an empty folder, builds a page of examples/ as the
// README there says, and opens it in Chromium: its maps have to lie on their objects. Needs the npm registry
// and a build; takes a minute or two for each bundler, whose newest release is installed.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packAll } from '../release/pack.mjs';
import { checkSaid } from './check-peak.mjs';
import { drivePage, startChromium } from './drive-page.mjs';
import { listTarballs, serveRegistry } from './local-registry.mjs';
import { runAsStranger } from './stranger.mjs';

const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, tarballs: { type: 'string' } },
});
const examples = fileURLToPath(new URL('../../examples', import.meta.url));

/**
 * A page of examples/: what is installed for it, how it is built, and what it shows.
 *
 * @typedef {{ name: string, page: string, packages: string[], build: string[], built: string,
 *   shows: Record<string, string> }} Recipe
 */

const bothPlaces = { '#here': 'cat', '#in-worker': 'dog' };
/** @type {Recipe[]} */
const recipes = [
  {
    ...{ name: 'vite', page: 'bundled-page', packages: ['vite'] },
    ...{ build: ['vite', 'build'], built: 'dist', shows: bothPlaces },
  },
  {
    ...{ name: 'webpack', page: 'bundled-page', packages: ['webpack', 'webpack-cli'] },
    ...{ build: ['webpack'], built: 'dist', shows: bothPlaces },
  },
  {
    ...{ name: 'react', page: 'react' },
    packages: ['react', 'react-dom', 'vite', '@vitejs/plugin-react'],
    ...{ build: ['vite', 'build'], built: 'dist', shows: { '#here': 'cat' } },
  },
  {
    ...{ name: 'next', page: 'next', packages: ['next', 'react', 'react-dom'] },
    ...{ build: ['next', 'build'], built: 'out', shows: bothPlaces },
  },
];

const work = mkdtempSync(path.join(tmpdir(), 'gradcam-recipes-'));
const registry = await serveRegistry(
  flags.tarballs === undefined
    ? packAll(path.join(work, 'tarballs'))
    : listTarballs(flags.tarballs),
);
const browser = await startChromium();
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
console.log('| page | bundler | built in | opened in | requests | loaded |');
console.log(`|${' --- |'.repeat(6)}`);
try {
  for (const recipe of recipes) {
    if (flags.only?.split(',').includes(recipe.name) ?? true) await tryRecipe(recipe);
  }
} finally {
  await browser.close();
  registry.close();
  rmSync(work, { recursive: true, force: true });
}

/** @param {Recipe} recipe */
async function tryRecipe({ name, page, packages, build, built, shows }) {
  const folder = mkdtempSync(path.join(work, `${name}-`));
  const inFolder = (/** @type {string[]} */ ...command) => runAsStranger(command, folder, env);
  try {
    cpSync(path.join(examples, page), folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
    writeFileSync(path.join(folder, '.npmrc'), `@gradcam:registry=${registry.url}\n`);
    const needed = ['@gradcam/core', '@gradcam/cli', 'onnxruntime-web', ...packages];
    await inFolder('npm', 'install', '--no-audit', '--no-fund', ...needed);
    await inFolder('npx', 'gradcam', 'fetch', 'demo-resnet', '--models', 'public', '--quiet');
    cpSync(
      path.join(folder, 'node_modules/@gradcam/cli/demo/scenes/cat-and-dog.png'),
      path.join(folder, 'public/cat-and-dog.png'),
    );
    const { seconds } = await inFolder('npx', ...build);
    const output = path.join(folder, built);
    // webpack builds scripts alone.
    if (name === 'webpack') {
      cpSync(path.join(folder, 'index.html'), path.join(output, 'index.html'));
      cpSync(path.join(folder, 'public'), output, { recursive: true });
    }
    const report = await drivePage(browser, output, '', Object.keys(shows));
    Object.values(shows).forEach((label, i) => checkSaid(label, String(report.said[i])));
    const [bundler = ''] = build;
    const manifest = path.join(folder, 'node_modules', bundler, 'package.json');
    const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
    const times = [seconds, report.seconds].map((one) => `${one.toFixed(1)} s`);
    const loaded = `${(report.bytes / 1e6).toFixed(1)} MB`;
    console.log(
      `| ${[page, `${bundler} ${version}`, ...times, report.requests, loaded].join(' | ')} |`,
    );
  } catch (error) {
    console.log(`| ${page} | ${name} | failed: ${/** @type {Error} */ (error).message} |`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
