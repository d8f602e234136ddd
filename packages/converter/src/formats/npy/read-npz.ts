import { FormatError, LimitError } from '../../errors.ts';
import { MAX_NAME_BYTES, MAX_TENSORS } from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { createSkippedEntries } from '../../tensors/skipped-entries.ts';
import type { StoredTensor, WeightFile } from '../../tensors/stored-tensor.ts';
import { readZipMembers } from '../zip/central-directory.ts';
import { openZipMember } from '../zip/open-member.ts';
import { createPickleBudget } from '../pickle/budget.ts';
import { readNpy, readNpyMember } from './read-npy.ts';

/**
 * Reads a `.npz`: a zip of `.npy` files, plain (`np.savez`) or compressed with deflate
 * (`np.savez_compressed`). An array gets the name of its member, and an array inside a pickled member gets
 * `member/path`. Members of text, dates or records are skipped.
 *
 * @throws FormatError, UnsupportedError, LimitError
 */
export async function readNpz(source: RandomAccessSource): Promise<WeightFile> {
  const tensors = new Map<string, StoredTensor>();
  const skipped = createSkippedEntries();
  const budget = createPickleBudget();
  for (const member of await readZipMembers(source)) {
    if (!member.name.endsWith('.npy')) {
      skipped.add(member.name, 'no .npy');
      continue;
    }
    const prefix = member.name.replace(/\.npy$/, '');
    const nameOf = (path: string) => (path === '' ? prefix : `${prefix}/${path}`);
    const open = () => openZipMember(source, member);
    const opened = await open();
    const file = await readNpyMember(opened, {
      budget,
      skipped: { ...skipped, add: (path, reason) => skipped.add(nameOf(path), reason) },
    });
    await opened.close?.();
    const isPickle = file.format === 'npy-pickle';
    for (const tensor of file.tensors) {
      const named = isPickle
        ? { ...tensor, name: nameOf(tensor.name) }
        : reopenTensor(tensor, open);
      if (named.name.length > MAX_NAME_BYTES) {
        throw new LimitError('name', MAX_NAME_BYTES, named.name.length);
      }
      if (tensors.has(named.name)) skipped.add(named.name, 'a second array of this name');
      else tensors.set(named.name, named);
      if (tensors.size > MAX_TENSORS) {
        throw new LimitError('number of arrays', MAX_TENSORS, tensors.size);
      }
    }
  }
  if (tensors.size === 0) {
    const [first] = skipped.list();
    const found = first === undefined ? 'nothing' : `${first.name}: ${first.reason}`;
    throw new FormatError('npz', `${source.name}: expected .npy arrays of numbers, found ${found}`);
  }
  return { format: 'npz', tensors: [...tensors.values()], skipped: skipped.list() };
}

/** Each pass over a tensor opens its member again, so that each pass verifies the checksum. */
function reopenTensor(tensor: StoredTensor, open: () => Promise<RandomAccessSource>): StoredTensor {
  return {
    ...tensor,
    async *chunks() {
      const [again] = (await readNpy(await open())).tensors;
      if (again !== undefined) yield* again.chunks();
    },
  };
}
