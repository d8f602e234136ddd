import { open, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLock } from '../../src/node/lock.ts';

/**
 * A process that asks for a lock whenever its parent tells it when to. While it holds the lock it makes a
 * file that must not be there: the system makes it for one process only, so no clock is compared.
 */
const [path = '', witness = ''] = process.argv.slice(2);
const HELD_MS = 5;

async function contend(at: number): Promise<'held' | 'refused' | 'overlap'> {
  await sleep(Math.max(0, at - Date.now() - 2));
  while (Date.now() < at);
  let lock;
  try {
    lock = await acquireLock(path);
  } catch (error) {
    if ((error as { tag?: string }).tag === 'LockedError') return 'refused';
    throw error;
  }
  let outcome: 'held' | 'overlap' = 'held';
  try {
    await (await open(witness, 'wx')).close();
    await sleep(HELD_MS);
    await unlink(witness);
  } catch {
    outcome = 'overlap';
  }
  await lock.assertHeld();
  await lock.release();
  return outcome;
}

process.on('message', (at: number) => {
  void contend(at).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => process.send?.(String(error)),
  );
});
process.send?.('ready');
