// @ts-check
import { createHash } from 'node:crypto';
import { convertTorch, createMemoryFolder, openWeights } from '@gradcam/converter';
import { digestOf } from '../digest.mjs';
import { listFixtures, readFixture } from '../fixtures.mjs';
import { mutateText } from '../mutate/text.mjs';
import { safetensorsMutations } from './torch.mjs';

const FOLDER = 'converter/torch-heads';

/** Holds what a user states with `--head`; empty where the head is guessed. */
const STATED = 'head.txt';

const MODULES = ['linear', 'gelu', 'dropout(0.3)', 'batchnorm1d', 'layernorm', 'leakyrelu(0.2)'];

/** @param {string} file */
function seedOf(file) {
  const expected = readFixture(`${FOLDER}/${file.replace('.safetensors', '.expected.json')}`);
  const { size, head } = JSON.parse(new TextDecoder().decode(expected));
  return {
    name: `${file}, ${size}`,
    open: file,
    files: {
      [file]: readFixture(`${FOLDER}/${file}`),
      [STATED]: new TextEncoder().encode(head ?? ''),
    },
  };
}

/**
 * Another list of modules.
 *
 * @type {import('../mutate/bytes.mjs').Mutation}
 */
function mutateHead(bytes, random, peers) {
  if (bytes.length > 0 && random.chance(0.5)) return mutateText(bytes, random, peers);
  const modules = Array.from({ length: random.size(MODULES.length) }, () => random.pick(MODULES));
  return new TextEncoder().encode(modules.join());
}

/** A folder that keeps nothing but the digests of its files. */
function createDigestSink() {
  /** @type {string[]} */
  const digests = [];
  return {
    digests,
    async settle() {},
    async createFile() {
      const hash = createHash('sha256');
      return {
        /** @param {Uint8Array} bytes */
        async write(bytes) {
          hash.update(bytes);
        },
        async close() {
          const digest = hash.digest('hex');
          digests.push(digest);
          return digest;
        },
      };
    },
  };
}

/**
 * State dicts of nets with heads of their users, converted as `gradcam convert --head` does.
 *
 * @type {import('../target.mjs').Target}
 */
export const torchHeads = {
  name: 'torch-heads',
  share: 10,
  mutationsOf: (file) => (file === STATED ? [mutateHead] : safetensorsMutations),
  start: async () => ({
    seeds: listFixtures(FOLDER, /\.safetensors$/).map(seedOf),
    async run({ name, open, files }) {
      const file = await openWeights(createMemoryFolder(new Map(Object.entries(files))), open);
      const sink = createDigestSink();
      const report = await convertTorch(file, {
        source: { uri: open, digests: { sha256: '', conversion: '' } },
        sink,
        size: Number(name.split(', ')[1]),
        head: new TextDecoder().decode(files[STATED]) || undefined,
      });
      return digestOf(JSON.stringify(report), ...sink.digests);
    },
  }),
};
