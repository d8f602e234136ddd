import type { ZipMember } from '../zip/central-directory.ts';

/** The member of an archive with the objects that were saved. */
export const PICKLE_MEMBER = /^(?:(.*)\/)?data\.pkl$/;

/** A member that only programs have: TorchScript, and `torch.export`. */
export const SCRIPT_MEMBER = /(^|\/)(constants\.pkl|archive_format)$/;

/** Whether a zip is one of `torch.save`, of TorchScript or of `torch.export`. */
export function isTorchArchive(members: readonly ZipMember[]): boolean {
  return members.some(({ name }) => PICKLE_MEMBER.test(name) || SCRIPT_MEMBER.test(name));
}

/** The magic number as a pickle of protocol 2 and later writes it: LONG1, ten bytes. */
const MAGIC_BYTES = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/**
 * The pickle of the number begins with its protocol and, in protocols 4 and 5, with the length of a frame.
 */
const HEAD_BYTES = 24;

/** Whether a file begins with the magic number that `torch.save` wrote before version 1.6. */
export function hasLegacyMagic(head: Uint8Array): boolean {
  if (head[0] !== 0x80) return false;
  const start = head.subarray(0, HEAD_BYTES).indexOf(MAGIC_BYTES[0]!);
  return start > 0 && MAGIC_BYTES.every((byte, index) => head[start + index] === byte);
}

/** The first member, with facts about the machine. */
const FIRST_MEMBER = 'sys_info';

/** Whether a file begins like the tar that the first versions of `torch.save` wrote. */
export function hasTorchTarHead(head: Uint8Array): boolean {
  const name = String.fromCharCode(...head.subarray(0, FIRST_MEMBER.length + 1));
  return name === `${FIRST_MEMBER}\0`;
}
