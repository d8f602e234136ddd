/** An ICC.1 profile has a header of this size, then a table of tags of 12 bytes each. */
const HEADER_BYTES = 128;
const TAG_BYTES = 12;
const MAX_TAGS = 100;
/** Longer names are cut. */
const MAX_NAME = 80;

/**
 * Reads the name of an ICC profile from its `desc` tag, in version 2 (ASCII) or 4 (UTF-16).
 *
 * @returns null for a profile that has no such tag or is damaged.
 */
export function readProfileName(profile: Uint8Array): string | null {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
  const letters = (at: number, count: number, step = 1): string =>
    Array.from({ length: Math.min(count, MAX_NAME) }, (_, i) =>
      String.fromCharCode(step === 1 ? view.getUint8(at + i) : view.getUint16(at + 2 * i)),
    ).join('');
  try {
    const count = Math.min(view.getUint32(HEADER_BYTES), MAX_TAGS);
    for (let i = 0; i < count; i++) {
      const at = HEADER_BYTES + 4 + i * TAG_BYTES;
      if (letters(at, 4) !== 'desc') continue;
      const start = view.getUint32(at + 4);
      const name =
        letters(start, 4) === 'mluc'
          ? letters(start + view.getUint32(start + 24), view.getUint32(start + 20) / 2, 2)
          : letters(start + 12, view.getUint32(start + 8));
      const printable = name.split('\0')[0]!.replaceAll(/\p{C}/gu, '');
      return printable.trim() || null;
    }
    return null;
  } catch {
    // An offset lies beyond the end of the profile.
    return null;
  }
}

/**
 * Whether a profile describes sRGB, judged by its name. All common sRGB profiles have sRGB in their names,
 * except the small one that social networks write, which is called `c2`.
 */
export function isSrgbProfile(name: string): boolean {
  return /\bsrgb/i.test(name) || name === 'c2' || name === 'c2ci';
}
