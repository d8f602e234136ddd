import { FormatError, UnsupportedError } from '../../errors.ts';
import { sliceSource, type RandomAccessSource } from '../../bytes/source.ts';
import type { WeightFile } from '../../tensors/stored-tensor.ts';
import { createPickleBudget } from '../pickle/budget.ts';
import { runPickleAt } from '../pickle/machine.ts';
import { readZipMembers, type ZipMember } from '../zip/central-directory.ts';
import { findMemberData, openZipMember } from '../zip/open-member.ts';
import { PICKLE_MEMBER, SCRIPT_MEMBER } from './container-kind.ts';
import { nextStepForTorchScript } from './export-lines.ts';
import { readStateDict } from './state-dict.ts';
import {
  buildTorchObject,
  callTorchGlobal,
  readStorageId,
  resolveTorchGlobal,
} from './torch-globals.ts';

const FORMAT = 'PyTorch';

/**
 * Reads the archive that `torch.save` has written since version 1.6: `<name>/data.pkl` with the objects, and
 * `<name>/data/<key>` with the bytes of each storage.
 *
 * @throws UnsupportedError for TorchScript and for a pickle of anything else than tensors; FormatError
 */
export async function readTorchArchive(source: RandomAccessSource): Promise<WeightFile> {
  const members = new Map((await readZipMembers(source)).map((member) => [member.name, member]));
  const names = [...members.keys()];
  if (names.some((name) => SCRIPT_MEMBER.test(name))) {
    throw new UnsupportedError(
      'TorchScript',
      `${source.name} is a program of PyTorch (TorchScript or torch.export), which is not read; ${nextStepForTorchScript}`,
    );
  }
  const pickles = names.filter((name) => PICKLE_MEMBER.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    throw new FormatError(FORMAT, `${source.name}: expected one data.pkl, found ${pickles.length}`);
  }
  const prefix = pickle.slice(0, -'data.pkl'.length);
  const open = (member: ZipMember): Promise<RandomAccessSource> => openMember(source, member);
  const order = members.get(`${prefix}byteorder`);
  const budget = createPickleBudget();
  const { value } = await runPickleAt(await open(members.get(pickle)!), 0, budget, {
    resolveGlobal: resolveTorchGlobal,
    callGlobal: callTorchGlobal,
    buildObject: buildTorchObject,
    findPersistent: readStorageId,
  });
  return readStateDict({
    name: source.name,
    format: 'torch-zip',
    fileBytes: source.byteLength,
    root: value,
    budget,
    storages: {
      bigEndian: order !== undefined && (await isBig(await open(order))),
      find(key) {
        const member = members.get(`${prefix}data/${key}`);
        return member && { byteLength: member.byteLength, open: () => open(member) };
      },
    },
  });
}

/** PyTorch writes a checksum of 0 where it computed none (`torch.serialization.set_crc32_options`). */
async function openMember(
  source: RandomAccessSource,
  member: ZipMember,
): Promise<RandomAccessSource> {
  const isStored = member.method === 0 && member.byteLength === member.compressedBytes;
  if (member.crc32 !== 0 || !isStored) return openZipMember(source, member);
  const start = await findMemberData(source, member);
  return { ...sliceSource(source, start, member.byteLength), name: member.name };
}

async function isBig(order: RandomAccessSource): Promise<boolean> {
  const bytes = await order.read(0, Math.min(order.byteLength, 8));
  const text = String.fromCharCode(...bytes);
  if (text !== 'little' && text !== 'big') {
    throw new FormatError(FORMAT, `byteorder: expected little or big, found '${text}'`);
  }
  return text === 'big';
}
