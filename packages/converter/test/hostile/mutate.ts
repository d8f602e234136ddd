/** A seeded generator of 32-bit numbers (xorshift32, Marsaglia 2003): the same everywhere. */
export function createRandom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Values that make lengths huge, negative, or end too late. */
const NASTY = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff];

/** A copy of `bytes` with one to four things changed: bits, bytes, runs removed or doubled. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array<ArrayBuffer> {
  let mutant = new Uint8Array(bytes);
  for (let changes = 1 + (random() % 4); changes > 0 && mutant.length > 0; changes--) {
    const place = random() % mutant.length;
    switch (random() % 6) {
      case 0:
        mutant[place]! ^= 1 << (random() % 8);
        break;
      case 1:
        mutant[place] = random() & 0xff;
        break;
      case 2:
        mutant[place] = NASTY[random() % NASTY.length]!;
        break;
      case 3:
        // A whole little-endian or varint field at once.
        mutant.fill(NASTY[random() % NASTY.length]!, place, place + 1 + (random() % 9));
        break;
      case 4:
        mutant = splice(mutant, place, place + 1 + (random() % 8), new Uint8Array(0));
        break;
      default:
        mutant = splice(mutant, place, place, mutant.slice(place, place + 1 + (random() % 16)));
    }
  }
  return mutant;
}

function splice(
  bytes: Uint8Array,
  start: number,
  end: number,
  inserted: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const rest = bytes.subarray(Math.min(end, bytes.length));
  const spliced = new Uint8Array(start + inserted.length + rest.length);
  spliced.set(bytes.subarray(0, start));
  spliced.set(inserted, start);
  spliced.set(rest, start + inserted.length);
  return spliced;
}
