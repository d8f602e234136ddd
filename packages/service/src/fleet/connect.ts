import { Redis } from 'ioredis';
import { setTimeout as wait } from 'node:timers/promises';
import { FleetError } from './fleet-error.ts';
import type { QueueAddress } from './queue-address.ts';

/** How long a program tries to reach a server at its start. */
const START_MS = 8000;

/** The first and the longest pause between two attempts to connect. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [100, 5000];

/** How long a program waits for a server that was reachable: loading a large AOF file takes minutes. */
const GIVE_UP_MS = 10 * 60_000;

/** Errors that no further attempt can change. */
const REFUSALS = /NOAUTH|WRONGPASS|NOPERM|ERR AUTH|invalid password|DB index is out of range/i;

export interface ConnectRequest {
  readonly address: QueueAddress;
  /** Gets messages for people, such as that the server is gone or back. */
  readonly note: (text: string) => void;
  /** Called once if the server has been gone for too long. */
  readonly onLost: (error: FleetError) => void;
  /**
   * Whether commands wait for a server that is gone, as workers need it; otherwise they fail at once.
   */
  readonly waits: boolean;
}

/**
 * Connects to the server of the queue. The connection is renewed with growing pauses when it is lost.
 *
 * @throws FleetError `queue` in one line where the server cannot be reached within some seconds, or refuses
 *   the user or the password.
 */
export async function connect(request: ConnectRequest): Promise<Redis> {
  await tryToReach(request.address);
  const { address, note, onLost, waits } = request;
  let goneSince: number | null = null;
  let isClosed = false;
  const redis = new Redis({
    ...address.options,
    maxRetriesPerRequest: waits ? null : 0,
    enableOfflineQueue: waits,
    lazyConnect: true,
    retryStrategy(times) {
      goneSince ??= Date.now();
      if (Date.now() - goneSince > GIVE_UP_MS && !isClosed) {
        isClosed = true;
        const minutes = GIVE_UP_MS / 60_000;
        const message = `${address.shown}: not reachable for ${minutes} minutes; start it again, then start this command again`;
        onLost(new FleetError('queue', message));
        return null;
      }
      return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS);
    },
  });
  let isGone = false;
  redis.on('error', (error: Error) => {
    if (!isGone) note(`${address.shown}: ${describe(error)}; trying again`);
    isGone = true;
  });
  redis.on('close', () => (goneSince ??= Date.now()));
  redis.on('ready', () => {
    if (isGone) note(`${address.shown}: reachable again`);
    isGone = false;
    goneSince = null;
  });
  redis.on('end', () => (isClosed = true));
  await redis.connect();
  return redis;
}

async function tryToReach({ options, shown }: QueueAddress): Promise<void> {
  const until = Date.now() + START_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
    const redis = new Redis({
      ...options,
      ...{ lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 },
      connectTimeout: START_MS,
    });
    let last: Error | null = null;
    redis.on('error', (error: Error) => (last = error));
    try {
      await redis.connect();
      // A server that still loads its data answers with an error.
      await redis.ping();
      return;
    } catch (error) {
      const cause: Error = last ?? (error as Error);
      if (REFUSALS.test(cause.message)) {
        throw new FleetError(
          'queue',
          `${shown}: the server refuses this user or password (${cause.message}); give them in the address, or the password in $GRADCAM_QUEUE_PASSWORD`,
          { cause },
        );
      }
      if (Date.now() + pause > until) {
        throw new FleetError(
          'queue',
          `${shown}: ${describe(cause)}; is a Redis or Valkey server running there?`,
          { cause },
        );
      }
    } finally {
      redis.disconnect();
    }
    await wait(pause);
  }
}

function describe(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return `the server cannot be reached (${code ?? error.message})`;
}

/** Whether a command failed because the server was gone, or was still loading its data. */
export function isConnectionFault(error: unknown): boolean {
  const { message, code } = error as NodeJS.ErrnoException;
  return (
    code?.startsWith('E') === true ||
    /connection is closed|max retries|stream isn't writeable|LOADING|socket/i.test(message)
  );
}
