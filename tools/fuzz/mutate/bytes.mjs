// @ts-check
import { decodeUint, encodeUint, replaceRange, concat } from '../bytes.mjs';
import { mutateInteger } from './integers.mjs';

/**
 * A change of some bytes. `peers` holds the same part of other seeds, from which bytes are spliced in.
 *
 * @typedef {(bytes: Uint8Array, random: import('../random.mjs').Random, peers: readonly
 * Uint8Array[]) => Uint8Array} Mutation
 */

/** The longest run of bytes that is doubled or repeated, so that mutants stay small. */
const MAX_RUN = 256;

/**
 * Damages bytes as a disk or a line does: flipped bits, changed bytes and runs, a missing end.
 *
 * @type {Mutation}
 */
export function damageBytes(bytes, random) {
  if (bytes.length === 0) return random.bytes(1 + random.below(8));
  const mutant = new Uint8Array(bytes);
  const place = random.below(bytes.length);
  switch (random.below(4)) {
    case 0:
      mutant[place] ^= 1 << random.below(8);
      return mutant;
    case 1:
      mutant[place] = random.next();
      return mutant;
    case 2:
      return mutant.fill(random.pick([0, 1, 0x7f, 0x80, 0xff]), place, place + random.size(32));
    default:
      return mutant.slice(0, random.chance(0.5) ? place : bytes.length - random.size(16));
  }
}

/**
 * Applies one of the changes that are possible without knowing the format.
 *
 * @type {Mutation}
 */
export function mutateBytes(bytes, random, peers) {
  if (bytes.length === 0 || random.chance(0.4)) return damageBytes(bytes, random, peers);
  const place = random.below(bytes.length);
  const end = Math.min(bytes.length, place + random.size(MAX_RUN));
  switch (random.below(6)) {
    case 0: {
      const size = random.pick([1, 2, 4, 8]);
      const little = random.chance(0.5);
      const old = decodeUint(bytes, place, size, little);
      const value = mutateInteger(old, bytes.length, random);
      return replaceRange(bytes, place, place + size, encodeUint(value, size, little));
    }
    case 1:
      return replaceRange(bytes, place, end, new Uint8Array(0));
    case 2: {
      const run = bytes.subarray(place, end);
      const times = random.size(8);
      return replaceRange(bytes, end, end, concat(...Array.from({ length: times }, () => run)));
    }
    case 3: {
      const other = random.below(bytes.length);
      const run = bytes.slice(other, other + end - place);
      return replaceRange(bytes, place, end, run);
    }
    case 4:
      return replaceRange(bytes, place, place, random.bytes(random.size(16)));
    default:
      return splice(bytes, random, peers);
  }
}

/**
 * Joins the beginning of one seed to the end of another.
 *
 * @type {Mutation}
 */
function splice(bytes, random, peers) {
  const peer = peers.length === 0 ? bytes : random.pick(peers);
  const cut = random.below(bytes.length + 1);
  // In half of the cases both are cut at the same place, where files of one format often have the same kind
  // of data.
  const from = random.chance(0.5) ? Math.min(cut, peer.length) : random.below(peer.length + 1);
  return concat(bytes.subarray(0, cut), peer.subarray(from));
}
