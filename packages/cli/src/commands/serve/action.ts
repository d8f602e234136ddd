import { startService } from '@gradcam/service/http';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { listModelFolders } from '../../models/model-folders.ts';
import { ownVersion, softwareText } from '../../own-version.ts';
import { abortOnSignals } from '../../terminal/abort-on-signals.ts';
import { createTerminal } from '../../terminal/messages.ts';
import { parseServeFlags, readToken, type ServeFlags } from './flags.ts';
import { openModelFolders } from './model-folder-source.ts';

/** `gradcam serve`: answers requests until Ctrl-C or SIGTERM, and then those that it has accepted. */
export async function runServe(flags: ServeFlags): Promise<ExitCode> {
  const terminal = createTerminal(flags);
  const { host, port, threads, limits } = parseServeFlags(flags);
  const token = await readToken(flags);
  const folders = listModelFolders(flags.models);
  const models = openModelFolders(folders, { engine: flags.engine, threads }, terminal);
  const guard = abortOnSignals(() =>
    terminal.note('ending: accepted requests are answered; interrupt again to end at once'),
  );
  const service = await startService({
    ...{ models, host, port, limits, software: softwareText, version: ownVersion },
    ...(token !== undefined && { token }),
    note: (text) => terminal.note(text),
  });
  const ids = await models.list();
  terminal.out(service.url);
  terminal.note(
    ids.length === 0
      ? `no models in ${folders.join(', ')}; get one with: npx gradcam fetch demo-resnet`
      : `models: ${ids.join(', ')}`,
  );
  // The signal may have come while the lines above ran.
  if (!guard.signal.aborted) {
    await new Promise((resolve) => guard.signal.addEventListener('abort', resolve, { once: true }));
  }
  await service.drain();
  guard.release();
  return exitCodes.done;
}
