import { Worker } from 'node:worker_threads';

/** A thread that has no model yet. What befalls it meanwhile is not missed. */
export interface SpawnedThread {
  readonly worker: Worker;
  /** Rejected where the thread fails, as when a module of it is not there. */
  readonly failed: Promise<never>;
  readonly exited: Promise<void>;
}

let ahead: SpawnedThread | null = null;

/**
 * Spawns the thread of the model before the command has loaded its own modules, let alone read its flags:
 * both take as long, and there is a core for each. {@link takeThread} gives it out.
 */
export function spawnAhead(): void {
  ahead = spawn();
}

/** The thread that was spawned ahead, or a new one. */
export function takeThread(): SpawnedThread {
  const thread = ahead ?? spawn();
  ahead = null;
  return thread;
}

/**
 * The thread does not keep the process from ending. It loads nothing native before a model is opened in
 * it: a process that ends meanwhile, on a wrong flag, could crash.
 */
function spawn(): SpawnedThread {
  // ONNX Runtime's reports to its vendor; the thread has a copy of the environment and cannot stop them.
  process.env['ORT_DISABLE_TELEMETRY'] ||= '1';
  const worker = new Worker(new URL('./thread-main.js', import.meta.url));
  worker.unref();
  const failed = new Promise<never>((_, reject) => worker.once('error', reject));
  // Its failure is met by who opens a model in it.
  failed.catch(() => {});
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  return { worker, failed, exited };
}
