/** Longer than a thumbnail or a directory of a slow disk takes. */
const GRACE_MS = 3000;

/**
 * Ends the process by the signal itself where its orderly end takes longer than {@link GRACE_MS}: a
 * read of a file system that has gone away occupies a thread for ever, and `process.exit` would
 * wait for that thread too.
 */
export function endAnyway(signal: 'SIGINT' | 'SIGTERM'): void {
  setTimeout(() => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }, GRACE_MS).unref();
}
