// @ts-check

/** Numbers around which lengths, counts, offsets and signs overflow. */
const EDGES = [
  0n,
  1n,
  2n,
  3n,
  4n,
  7n,
  8n,
  15n,
  16n,
  31n,
  32n,
  33n,
  63n,
  64n,
  65n,
  100n,
  127n,
  128n,
  255n,
  256n,
  1000n,
  1024n,
  4096n,
  32767n,
  32768n,
  65535n,
  65536n,
  100_000n,
  1_000_000n,
  2n ** 24n,
  2n ** 28n,
  2n ** 30n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 33n,
  2n ** 40n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/**
 * A number that is worth trying in the place of `value`: an edge, a neighbour, a multiple, or a number that
 * depends on the length of the file.
 *
 * @param {bigint} value
 * @param {number} length of the file
 * @param {import('../random.mjs').Random} random
 */
export function mutateInteger(value, length, random) {
  switch (random.below(8)) {
    case 0:
      return value + 1n;
    case 1:
      return value - 1n;
    case 2:
      return value * 2n;
    case 3:
      return -value;
    case 4:
      return BigInt(length + random.below(5) - 2);
    case 5:
      return value ^ (1n << BigInt(random.below(32)));
    default:
      return random.pick(EDGES);
  }
}

/** Numbers for JSON and text, including some that are not integers. */
export const NUMBERS = [
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.5,
  -0.5,
  1.5,
  1e-9,
  5e-324,
  127,
  128,
  255,
  256,
  1000,
  4096,
  65535,
  65536,
  1e5,
  1e6,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  1e19,
  1e100,
  1e308,
  -(2 ** 31),
  -(2 ** 53),
  -1e308,
];
