import { isGradcamError, validateRun } from '@gradcam/core';
import type { FailureLine, ResultLine, RunFile } from '@gradcam/core';
import { fileAddress } from './file-address.ts';
import { createResultsReader, type FileRest } from './results-reader.ts';

/** The contents of a run folder at one moment. */
export type LoadedRun =
  | {
      readonly kind: 'open';
      readonly run: RunFile;
      readonly lines: readonly (ResultLine | FailureLine)[];
      /** One text for each line that is not a result: its number and its fault. */
      readonly leftOut: readonly string[];
    }
  /** There is no `run.json`. */
  | { readonly kind: 'missing' }
  /** `run.json` exists but cannot be read. */
  | { readonly kind: 'broken'; readonly message: string }
  /** The server does not respond. */
  | { readonly kind: 'unreachable' };

/** The run folder to read, and the signal that ends the reading. */
export interface RunSource {
  /** Address of the run's folder, ending in a slash. */
  readonly base: string;
  readonly signal: AbortSignal;
}

/** Pause between two readings of a run that is being written, in milliseconds. */
export const POLL_INTERVAL_MS = 1500;

/**
 * Reports a run now, and again and again while it is being written or does not exist yet.
 *
 * It ends when the run is complete or broken, or when the signal is aborted.
 */
export async function watchRun(
  source: RunSource,
  report: (loaded: LoadedRun) => void,
  interval = POLL_INTERVAL_MS,
): Promise<void> {
  const load = createRunLoader(source);
  while (!source.signal.aborted) {
    const loaded = await load().catch((error: unknown) => {
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

/** Reads a run, complete or still being written. A later call reads only what was added since. */
function createRunLoader({ base, signal }: RunSource): () => Promise<LoadedRun> {
  const startReader = () =>
    createResultsReader((offset) => fetchRest(fileAddress(base, 'results.jsonl'), offset, signal));
  let readResults = startReader();
  let start: string | null = null;
  return async () => {
    try {
      const response = await fetchOk(fileAddress(base, 'run.json'), signal);
      if (response === null) return { kind: 'missing' };
      const run = validateRun(parseJson(await response.text()));
      // Another run in the same folder, or another start of this run, may have other results, so everything
      // is read again.
      const next = `${run.startedAt} ${run.resumed?.length ?? 0}`;
      if (next !== start) readResults = startReader();
      start = next;
      // The results are read after `run.json`: if it says that the run is complete, all of its results have
      // been written.
      return { kind: 'open', run, ...(await readResults()) };
    } catch (error) {
      if (isGradcamError(error)) return { kind: 'broken', message: error.message };
      if (error instanceof HttpError) return { kind: 'broken', message: error.message };
      if (error instanceof TypeError) return { kind: 'unreachable' };
      throw error;
    }
  };
}

class HttpError extends Error {}

async function fetchOk(
  address: string,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Response | null> {
  const response = await fetch(address, { signal, headers, cache: 'no-store' });
  if (response.status === 404) return null;
  if (response.ok || response.status === 416) return response;
  throw new HttpError(`${address}: the server answered with HTTP status ${response.status}`);
}

async function fetchRest(
  address: string,
  offset: number,
  signal: AbortSignal,
): Promise<FileRest | null> {
  const headers: Record<string, string> = offset > 0 ? { Range: `bytes=${offset}-` } : {};
  const response = await fetchOk(address, signal, headers);
  if (response === null) return null;
  if (response.status === 416) {
    // There are no further bytes: the file has not changed, unless it is now shorter than the part already
    // read.
    const size = Number(response.headers.get('Content-Range')?.split('/')[1]);
    if (size === offset) return { bytes: new Uint8Array(), offset };
    return fetchRest(address, 0, signal);
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { bytes, offset: response.status === 206 ? offset : 0 };
}

/**
 * `run.json` may be read while it is being rewritten, so invalid JSON is not an error here. `validateRun`
 * reports other faults.
 */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
