/** sha256 in hex; null where the page is not served securely, so that browsers give no digests. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  // Only secure pages have it, whatever the types say.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return null;
  const digest = await subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
