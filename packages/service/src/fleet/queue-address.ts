import type { RedisOptions } from 'ioredis';
import { FleetError } from './fleet-error.ts';

/** Where the queue is, read from an address such as `redis://user:password@host:6379/0`. */
export interface QueueAddress {
  readonly options: Pick<RedisOptions, 'host' | 'port' | 'db' | 'username' | 'password' | 'tls'>;
  /** The address without user and password, for messages. */
  readonly shown: string;
}

/** The port of Redis and Valkey. */
const DEFAULT_PORT = 6379;

/**
 * Reads the address of a queue. The schemes are `redis` and `valkey`, and with TLS `rediss` and `valkeys`;
 * the path is the number of the database, 0 where none is given.
 *
 * @param password used where the address has none, so that no password needs to stand in a command line.
 * @throws FleetError `argument` that does not repeat the address, since it may contain a password.
 */
export function readQueueAddress(text: string, password?: string): QueueAddress {
  const wrong = (what: string): FleetError =>
    new FleetError(
      'argument',
      `--queue takes an address such as redis://host:6379 or rediss://host:6379/2; ${what}`,
    );
  if (!URL.canParse(text)) throw wrong('the given text is not an address');
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if (!['redis', 'valkey', 'rediss', 'valkeys'].includes(scheme)) {
    throw wrong(`the given address begins with ${scheme}:`);
  }
  if (url.hostname === '') throw wrong('the given address names no host');
  const database = url.pathname.replace(/^\//, '');
  if (!/^\d{0,3}$/.test(database)) throw wrong('its path must be the number of a database');
  // An address of IPv6 stands in brackets, which a socket does not take.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  const secret = url.password === '' ? password : decodeURIComponent(url.password);
  const isSecure = scheme.endsWith('ss') || scheme === 'valkeys';
  return {
    options: {
      ...{ host, port, db: Number(database) },
      ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
      ...(secret !== undefined && secret !== '' && { password: secret }),
      ...(isSecure && { tls: { servername: host } }),
    },
    shown: `${scheme}://${url.hostname}:${port}${database === '' ? '' : `/${database}`}`,
  };
}
