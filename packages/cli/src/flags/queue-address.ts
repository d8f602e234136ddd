/** The help of `--queue` for commands that need a queue. */
export const queueHelp =
  'address of the Redis or Valkey server: redis://host:port, rediss:// for TLS';

/**
 * The password of the queue's server, for addresses without one: other users of a machine can read the
 * arguments of its commands.
 */
export function queuePassword(): string | undefined {
  return process.env['GRADCAM_QUEUE_PASSWORD'];
}
