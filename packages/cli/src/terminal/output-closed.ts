const listeners = new Set<() => void>();

/**
 * Ends the process quietly when a reader closes the pipe (`| head`), unless somebody listens who has
 * to finish first. What is written afterwards goes nowhere.
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

/** @returns what ends the listening. */
export function onOutputClosed(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
