import { isGradcamError, parseResults, validateRun } from '@gradcam/core';
import type { FailureLine, ResultLine, RunFile } from '@gradcam/core';

/** What a run's folder holds at one moment. */
export type LoadedRun =
  | {
      readonly kind: 'open';
      readonly run: RunFile;
      readonly lines: readonly (ResultLine | FailureLine)[];
    }
  /** There is no `run.json`. */
  | { readonly kind: 'missing' }
  /** There is one, and it cannot be read. */
  | { readonly kind: 'broken'; readonly message: string }
  /** The server does not answer. */
  | { readonly kind: 'unreachable' };

/** Where to read, and until when. */
export interface RunSource {
  /** Address of the run's folder, ending in a slash. */
  readonly base: string;
  readonly signal: AbortSignal;
}

/** Reads a run, finished or being written. */
export async function loadRun({ base, signal }: RunSource): Promise<LoadedRun> {
  try {
    const settings = await fetchText(`${base}run.json`, signal);
    if (settings === null) return { kind: 'missing' };
    const run = validateRun(parseJson(settings));
    // Until the first image is done there may be no results file.
    const results = (await fetchText(`${base}results.jsonl`, signal)) ?? '';
    return { kind: 'open', run, lines: parseResults(results).lines };
  } catch (error) {
    if (isGradcamError(error)) return { kind: 'broken', message: error.message };
    if (error instanceof HttpError) return { kind: 'broken', message: error.message };
    if (error instanceof TypeError) return { kind: 'unreachable' };
    throw error;
  }
}

/** Pause between two looks at a run that is being written. */
export const POLL_INTERVAL_MS = 1500;

/**
 * Reports a run now and, while it is being written or not there yet, again and again.
 *
 * Ends when the run is done, is broken, or the signal says so.
 */
export async function watchRun(
  source: RunSource,
  report: (loaded: LoadedRun) => void,
  interval = POLL_INTERVAL_MS,
): Promise<void> {
  while (!source.signal.aborted) {
    const loaded = await loadRun(source).catch((error: unknown) => {
      if (source.signal.aborted) return null;
      throw error;
    });
    if (loaded === null || source.signal.aborted) return;
    report(loaded);
    if (loaded.kind === 'broken' || (loaded.kind === 'open' && loaded.run.status === 'done'))
      return;
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}

/** The address of a run's file, whatever characters its name has. */
export function fileAddress(base: string, path: string): string {
  return base + path.split('/').map(encodeURIComponent).join('/');
}

class HttpError extends Error {}

async function fetchText(address: string, signal: AbortSignal): Promise<string | null> {
  const response = await fetch(address, { signal, cache: 'no-store' });
  if (response.status === 404) return null;
  if (!response.ok) throw new HttpError(`${address}: the server answers ${response.status}`);
  return response.text();
}

/** `run.json` may be read while it is rewritten; validateRun says what is wrong with the rest. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
