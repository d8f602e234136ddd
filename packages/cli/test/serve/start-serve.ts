import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { startCommand, type CommandResult, type RunningCommand } from '../run-command.ts';

/** A `gradcam serve` in a process of its own. */
export interface Serving extends RunningCommand {
  /** Without a slash at its end. */
  readonly url: string;
  /** Ends it as a container is ended, and waits. */
  stop(): Promise<CommandResult>;
}

/** Starts the real command on a free port and waits until it listens. */
export async function startServe(
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Serving> {
  const running = startCommand(['serve', '--port', '0', ...flags], { env });
  const lines = createInterface({ input: running.child.stdout as Readable });
  const ended = running.done.then(({ stderr }) => {
    throw new Error(`gradcam serve ended: ${stderr}`);
  });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  ended.catch(() => {});
  return {
    ...running,
    url: line.replace(/\/$/, ''),
    stop() {
      running.child.kill('SIGTERM');
      return running.done;
    },
  };
}

/** What an answer says when it is no success. */
export interface Refusal {
  readonly error: { readonly code: string; readonly message: string };
}
