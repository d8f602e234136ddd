// @ts-check
import path from 'node:path';
import { createMemoryFolder, openWeights, recogniseTorch } from '@gradcam/converter';
import { digestOf, digestWeights } from '../digest.mjs';
import { readFixture } from '../fixtures.mjs';
import { pickleMutations } from '../formats/pickle.mjs';
import { dissectSafetensors, safetensorsParts } from '../formats/safetensors.mjs';
import { dissectTar, sealTar, tarMembers } from '../formats/tar.mjs';
import { dissectTorchLegacy } from '../formats/torch-legacy.mjs';
import { dissectZip, zipMembers } from '../formats/zip.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { fieldMutation, tryTo } from '../mutate/fields.mjs';
import { mutateJson } from '../mutate/json.mjs';

/**
 * @typedef {import('../mutate/bytes.mjs').Mutation} Mutation
 * @typedef {import('../mutate/container.mjs').Part} Part
 */

/** How many seeds are files with a handful of tensors. One is a whole net, which is recognised. */
const FEW = 7;

/** A file with at most so many tensors holds no net, and is only read. */
const MOST_FEW = 40;

/**
 * What a member holds: objects, or numbers.
 *
 * @param {Part} part
 */
const memberMutations = ({ name }) =>
  /pkl$|^pickle$|^tensors$|^storages$|^sys_info$/.test(name) ? pickleMutations : [mutateBytes];

/**
 * Mutates the objects of a zip. Most of its members are numbers, so objects have a turn of their own.
 *
 * @type {Mutation}
 */
function mutateObjects(bytes, random) {
  const parts = tryTo(() => zipMembers.unpack(bytes)) ?? [];
  const place = parts.findIndex(({ name }) => name.endsWith('pkl'));
  if (place < 0) return mutateBytes(bytes, random, []);
  const part = parts[place];
  const changed = random.pick(pickleMutations)(part.bytes, random, []);
  return zipMembers.pack(parts.with(place, { ...part, bytes: changed }), random);
}

/** @type {readonly Mutation[]} */
const zipMutations = [
  mutateObjects,
  containerMutation(zipMembers, memberMutations),
  fieldMutation(dissectZip),
  mutateBytes,
];
/** @type {readonly Mutation[]} */
const legacyMutations = [
  fieldMutation(dissectTorchLegacy),
  fieldMutation(dissectTorchLegacy),
  ...pickleMutations,
];
/** @type {readonly Mutation[]} */
const tarMutations = [
  containerMutation(tarMembers, memberMutations),
  containerMutation(tarMembers, memberMutations),
  fieldMutation(dissectTar, sealTar),
  mutateBytes,
];
/** @type {readonly Mutation[]} */
export const safetensorsMutations = [
  containerMutation(safetensorsParts, ({ name }) =>
    name === 'header' ? [mutateJson] : [mutateBytes],
  ),
  fieldMutation(dissectSafetensors),
  mutateBytes,
];

/**
 * Reads a file of PyTorch as `gradcam convert` does: all weights, and the net to which they belong.
 *
 * @type {import('../target.mjs').Started['run']}
 */
async function readTorch({ open, files }) {
  const file = await openWeights(createMemoryFolder(new Map(Object.entries(files))), open);
  const weights = await digestWeights(file);
  const name = file.tensors.length > MOST_FEW ? recogniseTorch(file, open).architecture.id : '';
  return digestOf(weights, name);
}

/**
 * @param {string} name
 * @param {readonly string[]} fixtures
 * @param {readonly Mutation[]} mutations
 * @returns {import('../target.mjs').Target}
 */
function torchTarget(name, fixtures, mutations) {
  return {
    name,
    share: 10,
    mutationsOf: () => mutations,
    start: async () => ({
      seeds: fixtures.map((fixture) => {
        const file = path.basename(fixture);
        return { name: file, open: file, files: { [file]: readFixture(`converter/${fixture}`) } };
      }),
      run: readTorch,
    }),
  };
}

/**
 * The state dicts of one container.
 *
 * @param {string} suffix of the fixtures
 */
const states = (suffix) =>
  [...Array.from({ length: FEW }, () => 'few'), 'resnet_basic'].map(
    (net) => `torch/${net}${suffix}`,
  );

/** Whole modules, and state dicts whose head or order of layers is the user's own. */
const MODULES = [
  ...['resnet_leaky', 'squeezenet', 'resnet_dense'].map((net) => `torch-models/${net}.pth`),
  'torch-heads/resnet_fastai.pth',
];

/**
 * Files of PyTorch in memory.
 *
 * @type {readonly import('../target.mjs').Target[]}
 */
export const torchTargets = [
  torchTarget('torch-zip', states('.pth'), zipMutations),
  torchTarget('torch-modules', MODULES, zipMutations),
  torchTarget('torch-legacy', states('.legacy.pth'), legacyMutations),
  torchTarget('torch-tar', states('.tar.pth'), tarMutations),
  torchTarget('safetensors', states('.safetensors'), safetensorsMutations),
];
