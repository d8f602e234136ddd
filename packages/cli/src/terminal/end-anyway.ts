/** The time that an orderly end may take. A thumbnail, or listing a directory on a slow disk, takes less. */
const GRACE_MS = 3000;

/**
 * Ends the process by the signal itself if its orderly end takes longer than {@link GRACE_MS}. A read from a
 * file system that no longer responds occupies a thread for ever, and `process.exit` would wait for that
 * thread too.
 */
export function endAnyway(signal: 'SIGINT' | 'SIGTERM'): void {
  setTimeout(() => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }, GRACE_MS).unref();
}
