// @ts-check
import { mutateBytes } from './bytes.mjs';
import { tryTo } from './fields.mjs';
import { mutateText } from './text.mjs';

/**
 * A part of a container: a member of an archive, a chunk of a picture, an entry of a table.
 *
 * @typedef {object} Part
 * @property {string} name latin1 if the format stores bytes; `''` if its parts have no names
 * @property {Uint8Array} bytes
 * @property {unknown} [extra] further facts that the format stores, e.g. the compression
 */

/**
 * A format that holds parts. `pack` writes correct lengths and checksums, so that readers do not refuse the
 * file before they read a mutated part.
 *
 * @typedef {object} Container
 * @property {(bytes: Uint8Array) => Part[]} unpack may throw
 * @property {(parts: readonly Part[], random: import('../random.mjs').Random) => Uint8Array} pack
 */

const MAX_REPEATS = 200;

/**
 * Mutates the parts of a container and packs it again.
 *
 * @param {Container} container
 * @param {(part: Part) => readonly import('./bytes.mjs').Mutation[]} mutationsOf a part's content
 * @returns {import('./bytes.mjs').Mutation}
 */
export function containerMutation({ unpack, pack }, mutationsOf) {
  return (bytes, random, peers) => {
    const parts = tryTo(() => unpack(bytes));
    if (parts === undefined || parts.length === 0) return mutateBytes(bytes, random, peers);
    const changed = random.chance(0.7)
      ? mutatePart(parts, mutationsOf, random, listPeers(unpack, peers, random))
      : arrangeParts(parts, random, listPeers(unpack, peers, random));
    return tryTo(() => pack(changed, random)) ?? mutateBytes(bytes, random, peers);
  };
}

/**
 * @param {Container['unpack']} unpack
 * @param {readonly Uint8Array[]} peers
 * @param {import('../random.mjs').Random} random
 * @returns {Part[]}
 */
function listPeers(unpack, peers, random) {
  if (peers.length === 0 || random.chance(0.5)) return [];
  return tryTo(() => unpack(random.pick(peers))) ?? [];
}

/**
 * @param {readonly Part[]} parts
 * @param {(part: Part) => readonly import('./bytes.mjs').Mutation[]} mutationsOf
 * @param {import('../random.mjs').Random} random
 * @param {readonly Part[]} peers
 */
function mutatePart(parts, mutationsOf, random, peers) {
  const place = random.below(parts.length);
  const part = parts[place];
  if (part.name !== '' && random.chance(0.1)) {
    const name = Buffer.from(mutateText(Buffer.from(part.name, 'latin1'), random, []));
    return parts.with(place, { ...part, name: name.toString('latin1') });
  }
  const mutate = random.pick(mutationsOf(part));
  const contents = peers.map((peer) => peer.bytes);
  return parts.with(place, { ...part, bytes: mutate(part.bytes, random, contents) });
}

/**
 * @param {readonly Part[]} parts
 * @param {import('../random.mjs').Random} random
 * @param {readonly Part[]} peers
 * @returns {Part[]}
 */
function arrangeParts(parts, random, peers) {
  const one = random.below(parts.length);
  const other = random.below(parts.length);
  const part = parts[one];
  switch (random.below(6)) {
    case 0:
      return parts.toSpliced(one, 1);
    case 1:
      return parts.toSpliced(other, 0, part);
    case 2:
      return parts.toSpliced(
        one,
        0,
        ...Array.from({ length: random.size(MAX_REPEATS) }, () => part),
      );
    case 3:
      return parts.with(one, parts[other]).with(other, part);
    case 4:
      return parts.with(one, { ...part, name: parts[other].name });
    default:
      return peers.length === 0
        ? parts.with(one, { ...part, bytes: parts[other].bytes })
        : parts.toSpliced(one, random.below(2), random.pick(peers));
  }
}
