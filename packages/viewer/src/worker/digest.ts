/**
 * The sha256 in hex. It is null if the page is not served securely, because browsers then compute no
 * digests.
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  // `subtle` exists only on secure pages, although the types say that it is always there.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return null;
  const digest = await subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
