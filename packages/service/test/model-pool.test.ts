import { expect, test } from 'vitest';
import { createModelPool } from '../src/http/models/model-pool.ts';
import type { OpenedModel } from '../src/http/models/model-source.ts';

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((go) => setTimeout(go, 5));

/** A pool that writes down what is opened and closed. */
function createLoggedPool(keep: number) {
  const log: string[] = [];
  const source = {
    async open(id: string): Promise<OpenedModel> {
      await turn();
      if (id === 'broken') throw new Error('broken weights');
      return { id, close: async () => void log.push(`close ${id}`) } as unknown as OpenedModel;
    },
  };
  const pool = createModelPool<string>(source, keep, {
    wrap: ({ id }) => id,
    onOpen: ({ id }) => void log.push(`open ${id}`),
    onClose: () => {},
  });
  return { pool, log };
}

test('the model that was used least recently makes room', async () => {
  const { pool, log } = createLoggedPool(2);
  for (const id of ['a', 'b', 'a', 'c', 'a']) (await pool.acquire(id, never)).release();
  expect(log).toEqual(['open a', 'open b', 'close b', 'open c']);
  expect([pool.isOpen('a'), pool.isOpen('b')]).toEqual([true, false]);
});

test('a model in use stays; who waits for room is not overtaken', async () => {
  const { pool, log } = createLoggedPool(1);
  const first = await pool.acquire('a', never);
  const order: string[] = [];
  const later = ['b', 'a'].map(async (id) => {
    const lease = await pool.acquire(id, never);
    order.push(id);
    lease.release();
  });
  await turn();
  expect(log).toEqual(['open a']);
  first.release();
  await Promise.all(later);
  expect(order).toEqual(['b', 'a']);
  expect(log).toEqual(['open a', 'close a', 'open b', 'close b', 'open a']);
});

test('one that cannot be opened fails its own request only; one that leaves is forgotten', async () => {
  const { pool, log } = createLoggedPool(1);
  await expect(pool.acquire('broken', never)).rejects.toThrow('broken weights');
  const held = await pool.acquire('a', never);
  const controller = new AbortController();
  const waiting = pool.acquire('b', controller.signal);
  controller.abort(new Error('left'));
  await expect(waiting).rejects.toThrow('left');
  held.release();
  await turn();
  expect(log).toEqual(['open a']);
});

test('a model that no longer works is opened anew', async () => {
  const { pool, log } = createLoggedPool(2);
  const lease = await pool.acquire('a', never);
  lease.discard();
  lease.release();
  (await pool.acquire('a', never)).release();
  expect(log).toEqual(['open a', 'close a', 'open a']);
  await pool.close();
  expect(log).toEqual(['open a', 'close a', 'open a', 'close a']);
});
