import { FormatError } from '../../errors.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import type { SkippedEntry, StoredTensor, WeightFile } from '../../tensors/stored-tensor.ts';
import { readZipMembers } from '../zip/central-directory.ts';
import { openZipMember } from '../zip/open-member.ts';
import { readNpy } from './read-npy.ts';

/**
 * Reads a `.npz`: a zip of `.npy` files, plain (`np.savez`) or deflated (`np.savez_compressed`).
 * Arrays are named after their member; those inside a pickled one by `member/path`.
 *
 * @throws FormatError, UnsupportedError, LimitError
 */
export async function readNpz(source: RandomAccessSource): Promise<WeightFile> {
  const tensors: StoredTensor[] = [];
  const skipped: SkippedEntry[] = [];
  for (const member of await readZipMembers(source)) {
    if (!member.name.endsWith('.npy')) {
      skipped.push({ name: member.name, reason: 'no .npy' });
      continue;
    }
    const open = () => openZipMember(source, member);
    const file = await readNpy(await open());
    if (file.format === 'npy-pickle') {
      const prefix = member.name.replace(/\.npy$/, '');
      tensors.push(...file.tensors.map((tensor) => renameTensor(tensor, prefix)));
      skipped.push(...file.skipped);
    } else {
      tensors.push(...file.tensors.map((tensor) => reopenTensor(tensor, open)));
    }
  }
  if (tensors.length === 0) throw new FormatError('npz', `${source.name} holds no .npy arrays`);
  return { format: 'npz', tensors, skipped };
}

function renameTensor(tensor: StoredTensor, prefix: string): StoredTensor {
  return { ...tensor, name: `${prefix}/${tensor.name}` };
}

/** Each pass over a tensor opens the member anew, so that each verifies its checksum. */
function reopenTensor(tensor: StoredTensor, open: () => Promise<RandomAccessSource>): StoredTensor {
  return {
    ...tensor,
    async *chunks() {
      const [again] = (await readNpy(await open())).tensors;
      if (again !== undefined) yield* again.chunks();
    },
  };
}
