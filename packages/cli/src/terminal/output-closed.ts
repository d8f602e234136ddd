const listeners = new Set<() => void>();

/**
 * Ends the process quietly when the reader of its output closes the pipe (`| head`). If a listener is
 * registered, the process does not end, so that the listener can finish its work first; further output is
 * discarded.
 */
export function watchOutput(): void {
  let isTold = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (listeners.size === 0 && !isTold) process.exit(0);
      isTold = true;
      for (const listener of listeners) listener();
    });
  }
}

/** @returns a function that removes the listener. */
export function onOutputClosed(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
