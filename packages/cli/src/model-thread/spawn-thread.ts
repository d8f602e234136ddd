import { Worker } from 'node:worker_threads';

/** A thread that has no model yet. A failure before the model is opened is kept in `failed`. */
export interface SpawnedThread {
  readonly worker: Worker;
  /** Rejected if the thread fails, for example because one of its modules does not exist. */
  readonly failed: Promise<never>;
  readonly exited: Promise<void>;
}

let ahead: SpawnedThread | null = null;

/**
 * Spawns the model's thread before the command loads its own modules and reads its flags. Loading both sets
 * of modules takes about the same time, and each has a core of its own. {@link takeThread} returns this
 * thread.
 */
export function spawnAhead(): void {
  ahead = spawnThread();
}

/** The thread that was spawned ahead, or a new one. */
export function takeThread(): SpawnedThread {
  const thread = ahead ?? spawnThread();
  ahead = null;
  return thread;
}

/**
 * Spawns the thread, which does not keep the process from ending. It loads no native library before a model
 * is opened: otherwise a process that ends early, for example because of a wrong flag, could crash.
 */
export function spawnThread(): SpawnedThread {
  // Turns off ONNX Runtime's reports to its vendor. The thread only has a copy of the environment, so it
  // cannot turn them off itself.
  process.env['ORT_DISABLE_TELEMETRY'] ||= '1';
  const worker = new Worker(new URL('./thread-main.js', import.meta.url));
  worker.unref();
  const failed = new Promise<never>((_, reject) => worker.once('error', reject));
  // The code that opens a model in the thread receives this failure. Here an unhandled rejection is
  // prevented.
  failed.catch(() => {});
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  return { worker, failed, exited };
}
