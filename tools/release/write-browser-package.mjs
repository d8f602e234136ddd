// @ts-check
// Usage: node tools/release/write-browser-package.mjs <folder>
// Writes the package @gradcam/browser: the library for pages that have no bundler, as static files.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBrowserBundle } from './browser-bundle.mjs';
import { listBundled, readLock } from './licences.mjs';
import { formatThirdParty } from './third-party.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string} folder */
export async function writeBrowserPackage(folder) {
  mkdirSync(folder, { recursive: true });
  const bundled = await buildBrowserBundle(path.join(folder, 'dist'));
  const { version, license, repository, keywords } = JSON.parse(
    readFileSync(path.join(root, 'packages/core/package.json'), 'utf8'),
  );
  const manifest = {
    ...{ name: '@gradcam/browser', version },
    description: 'Grad-CAM and its family in a page without a bundler, as static files',
    ...{ type: 'module', license, keywords, repository },
    exports: { '.': './dist/gradcam.js', './package.json': './package.json' },
    ...{ unpkg: './dist/gradcam.js', jsdelivr: './dist/gradcam.js' },
    files: ['dist', 'NOTICE', 'THIRD-PARTY-NOTICES'],
  };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ['LICENSE', 'NOTICE']) {
    copyFileSync(path.join(root, file), path.join(folder, file));
  }
  const notices = formatThirdParty(
    'The scripts of this package contain code of packages below, from which their build took modules; the others are\nneeded by those.',
    listBundled(readLock(), bundled),
  );
  writeFileSync(path.join(folder, 'THIRD-PARTY-NOTICES'), notices);
  writeFileSync(path.join(folder, 'README.md'), readme);
}

const readme = `# @gradcam/browser

\`@gradcam/core/browser\` and its engines as static files. Copy the folder \`dist\` to your server, or import it from a CDN:

\`\`\`html
<script type="module">
  import { explain, overlayImageData } from './gradcam/gradcam.js';

  const cat = await explain('cat.jpg', { model: 'models/demo-resnet/', targets: ['cat'] });
  document.querySelector('canvas').getContext('2d').putImageData(overlayImageData(cat), 0, 0);
</script>
\`\`\`

\`gradcam.js\` and a few small parts are loaded with the page. ONNX Runtime, its 14 MB of WebAssembly, or TensorFlow.js (\`engine: 'webgl'\`, \`'cpu'\`, or
\`'wasm'\` with \`wasmPaths\`, the address of the folder \`parts\`) are loaded with the first picture. Types are those of
\`@gradcam/core\`.
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    throw new Error('usage: node tools/release/write-browser-package.mjs <folder>');
  }
  await writeBrowserPackage(path.resolve(folder));
}
