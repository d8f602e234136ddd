// @ts-check
import { openSource } from '@gradcam/converter/node';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { latin1 } from '../bytes.mjs';
import { digestWeights } from '../digest.mjs';
import { readFixture } from '../fixtures.mjs';
import { buildTar, dissectTar, gzipContent, sealTar, tarMembers } from '../formats/tar.mjs';
import { tableMutations } from '../formats/table-mutations.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { fieldMutation } from '../mutate/fields.mjs';
import { fillFolder, makeScratch, writeFiles } from '../scratch.mjs';

const tarMutations = [
  containerMutation(tarMembers, ({ name }) =>
    name.endsWith('.ckpt') ? [mutateBytes, ...tableMutations] : [mutateBytes],
  ),
  fieldMutation(dissectTar, sealTar),
  fieldMutation(dissectTar, sealTar),
  mutateBytes,
];

function makeSeeds() {
  const bytes = readFixture('converter/dtypes/all_dtypes.ckpt');
  const readme = { name: 'a/README.txt', bytes: latin1('weights\n') };
  const tar = buildTar([
    { name: 'a/', bytes: new Uint8Array(0), extra: '5' },
    readme,
    { name: 'a/net.ckpt', bytes },
  ]);
  const longName = {
    name: '././@LongLink',
    bytes: latin1(`${'x'.repeat(120)}.ckpt\0`),
    extra: 'L',
  };
  const pax = { name: 'PaxHeaders/net.ckpt', bytes: latin1('21 path=b/other.ckpt\n'), extra: 'x' };
  const index = readFixture('converter/dtypes/all_dtypes.bundle.index');
  const data = readFixture('converter/dtypes/all_dtypes.bundle.data-00000-of-00001');
  const bundle = buildTar([
    { name: 'm/all.bundle.index', bytes: index },
    { name: 'm/all.bundle.data-00000-of-00001', bytes: data },
  ]);
  const npy = readFixture('converter/npy/numeric_f4.npy');
  /** @param {Uint8Array} content */
  const gzip = (content) => new Uint8Array(gzipSync(content, { level: 1 }));
  /** @type {[string, Uint8Array][]} */
  const files = [
    ['net.tar', tar],
    ['net.tar.gz', gzip(tar)],
    ['bundle.tar.gz', gzip(bundle)],
    ['long.tar', buildTar([longName, { name: 'short.ckpt', bytes }])],
    ['pax.tar', buildTar([pax, { name: 'net.ckpt', bytes }])],
    ['array.npy.gz', gzip(npy)],
  ];
  return files.map(([open, content]) => ({ name: open, open, files: { [open]: content } }));
}

/**
 * Archives, which are unpacked into a folder.
 *
 * @type {import('../target.mjs').Target}
 */
export const archive = {
  name: 'archive',
  share: 2,
  mutationsOf: (file) =>
    file.endsWith('.gz')
      ? [
          containerMutation(gzipContent, () =>
            file.endsWith('.tar.gz') ? tarMutations : [mutateBytes],
          ),
          containerMutation(gzipContent, () =>
            file.endsWith('.tar.gz') ? tarMutations : [mutateBytes],
          ),
          mutateBytes,
        ]
      : tarMutations,
  async start() {
    const folder = makeScratch('archive');
    const from = path.join(folder, 'from');
    const to = path.join(folder, 'to');
    fillFolder(from, {});
    return {
      seeds: makeSeeds(),
      async run({ open, files }) {
        writeFiles(from, files);
        fillFolder(to, {});
        const opened = await openSource(path.join(from, open), to);
        try {
          return await digestWeights(opened.file);
        } finally {
          await opened.close();
        }
      },
    };
  },
};
