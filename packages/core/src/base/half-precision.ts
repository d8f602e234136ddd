/** The number that 16 bits stand for in IEEE 754 binary16. */
export function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The 16 bits of IEEE 754 binary16 for a number from 0 to 1, rounded to the nearest. */
export function encodeHalf(value: number): number {
  const exponent = Math.max(Math.floor(Math.log2(value)), -14);
  const steps = Math.round(value * 2 ** (10 - exponent));
  // Below 2^-14 there is no leading one, and rounding up may reach the next exponent: both fit by adding.
  return steps + ((exponent + 14) << 10);
}
