import { countElements, type NdArray } from '../base/nd-array.ts';
import { isGradcamError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import type { Session } from '../engines/port/engine.ts';
import { findNode, type Network } from '../network/network.ts';
import { listOpaqueCalls } from '../network/opaque-call.ts';
import type { ProofStore } from './description.ts';

/**
 * The largest allowed difference, as a share of the scores' range. A batch may be summed in another order
 * than one item, which differs by some roundings (2^-24); items that are mixed up differ by far more.
 */
const BATCH_TOLERANCE = 1e-4;

const [TOGETHER, APART] = ['together', 'apart'];

/**
 * Whether a model computes two pictures in one batch as each of them alone. A node that is copied from the
 * file may treat the batch axis in its own way, so this is tried.
 *
 * @param key under which the answer is kept; null where it is not kept.
 */
export async function computesBatches(
  session: Session,
  key: string | null,
  proofs: ProofStore | undefined,
): Promise<boolean> {
  const kept = key === null ? null : ((await proofs?.read(key)) ?? null);
  if (kept !== null) return kept === TOGETHER;
  const found = await tryBatch(session);
  if (key !== null) await proofs?.keep(key, found ? TOGETHER! : APART!);
  return found;
}

async function tryBatch(session: Session): Promise<boolean> {
  const { network } = session;
  const outputs = [...new Set(network.heads.map(({ logits }) => logits))];
  try {
    const joined = await session.run({ inputs: makeInputs(network, [1, 2]), outputs });
    for (const [item, seed] of [1, 2].entries()) {
      const alone = await session.run({ inputs: makeInputs(network, [seed]), outputs });
      const isSame = outputs.every((name) =>
        isClose(joined.outputs.get(name)!, alone.outputs.get(name)!, item),
      );
      if (!isSame) return false;
    }
    return true;
  } catch (error) {
    if (!isGradcamError(error, 'engine')) throw error;
    return false;
  }
}

function makeInputs(network: Network, seeds: readonly number[]): Record<string, NdArray> {
  return Object.fromEntries(
    network.inputs.map((name) => {
      const { shape } = findNode(network, name);
      const size = countElements(shape);
      const data = new Float32Array(seeds.length * size);
      seeds.forEach((seed, item) => {
        const random = createRandom(seed);
        for (let i = 0; i < size; i++) data[item * size + i] = random();
      });
      return [name, { shape: [seeds.length, ...shape], data }];
    }),
  );
}

function isClose(joined: NdArray, alone: NdArray, item: number): boolean {
  const size = alone.data.length;
  if (joined.data.length !== 2 * size) return false;
  let [range, error] = [0, 0];
  for (let i = 0; i < size; i++) {
    range = Math.max(range, Math.abs(alone.data[i]!));
    error = Math.max(error, Math.abs(joined.data[item * size + i]! - alone.data[i]!));
  }
  return error <= BATCH_TOLERANCE * range;
}

/** One line that says that pictures are run one at a time, and because of which nodes. */
export function noteOneAtATime(network: Network): string {
  const names = listOpaqueCalls(network).map(({ layer, className }) => `${layer} (${className})`);
  return `each picture is run alone, because a batch is not computed as its pictures are: the model has nodes that are copied from its file (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ..' : ''})`;
}
