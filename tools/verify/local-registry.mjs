// @ts-check
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

/** @typedef {Pick<import('../release/pack.mjs').Packed, 'name' | 'version' | 'file'>} Packed */

/**
 * Serves tarballs as a registry of npm does, for the scope of our packages alone: every other package comes
 * from the registry that is configured.
 *
 * @param {readonly Packed[]} packed
 * @returns {Promise<{ url: string, close(): void }>}
 */
export async function serveRegistry(packed) {
  const byName = new Map(packed.map((one) => [one.name, one]));
  const server = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '').split('?')[0] ?? '').slice(1);
    const tarball = packed.find(({ file }) => path.basename(file) === path.basename(name));
    if (tarball !== undefined) {
      createReadStream(tarball.file).pipe(response);
      return;
    }
    const found = byName.get(name);
    if (found === undefined) response.writeHead(404).end('{}');
    else response.end(JSON.stringify(describePackage(found, `http://${request.headers.host}`)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * The tarballs of a folder, as `node tools/release/pack.mjs <folder>` wrote them.
 *
 * @param {string} folder
 * @returns {Packed[]}
 */
export function listTarballs(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  return names.map((one) => {
    const file = path.resolve(folder, one);
    const { name, version } = JSON.parse(readManifest(file));
    return { name, version, file };
  });
}

/** @param {string} file */
function readManifest(file) {
  return execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' });
}

/**
 * What a registry says of a package with one version.
 *
 * @param {Packed} packed
 * @param {string} origin
 */
function describePackage({ name, version, file }, origin) {
  const bytes = readFileSync(file);
  const digest = (/** @type {string} */ kind) => createHash(kind).update(bytes);
  const dist = {
    tarball: `${origin}/${name}/-/${path.basename(file)}`,
    integrity: `sha512-${digest('sha512').digest('base64')}`,
    shasum: digest('sha1').digest('hex'),
  };
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...JSON.parse(readManifest(file)), dist } },
    // pnpm may refuse packages that were published lately.
    time: { [version]: '2026-01-01T00:00:00.000Z' },
  };
}
