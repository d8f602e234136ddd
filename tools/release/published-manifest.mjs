// @ts-check

/** The platforms for which `onnxruntime-node` holds files, as Node names them. */
export const platforms = /** @type {const} */ ([
  'darwin-arm64',
  'linux-arm64',
  'linux-x64',
  'win32-arm64',
  'win32-x64',
]);

/** @typedef {{ name: string, version: string, [field: string]: unknown }} Manifest */

/**
 * A package's `package.json` as it is published: without what only this repository needs, and for the command
 * with ONNX Runtime for each platform, of which package managers install the one that fits.
 *
 * @param {Manifest} manifest
 * @param {string} runtimeVersion the version of `onnxruntime-node`
 * @returns {Manifest}
 */
export function publishedManifest(manifest, runtimeVersion) {
  const entries = Object.entries(manifest).filter(
    ([field]) => field !== 'devDependencies' && field !== 'nx',
  );
  const published = /** @type {Manifest} */ (Object.fromEntries(entries));
  if (manifest.name !== '@gradcam/cli') return published;
  const optionalDependencies = Object.fromEntries(
    platforms.map((platform) => [runtimeName(platform), runtimeVersion]),
  );
  return { ...published, optionalDependencies };
}

/** @param {string} platform */
export function runtimeName(platform) {
  return `@gradcam/onnxruntime-${platform}`;
}
