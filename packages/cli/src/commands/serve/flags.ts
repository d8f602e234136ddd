import type { ServiceLimits } from '@gradcam/service/http';
import { CommandError, exitCodes } from '../../exit-codes.ts';
import { optional, parseCount } from '../../flags/flag-values.ts';
import { readText } from '../../inputs/read-text.ts';

/** The flags of `serve` as commander hands them over. */
export interface ServeFlags {
  readonly models?: string;
  readonly host: string;
  readonly port: string;
  readonly tokenFile?: string;
  readonly engine: string;
  readonly threads?: string;
  readonly batch: string;
  readonly batchWindow: string;
  readonly queueSize: string;
  readonly keepModels: string;
  readonly maxBody: string;
  readonly maxPixels: string;
  readonly timeout: string;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

/** The flags after checking. */
export interface ServeSettings {
  readonly host: string;
  readonly port: number;
  readonly threads: number | undefined;
  readonly limits: ServiceLimits;
}

/** Upper ends of the flags: values above them can only be mistakes. */
const MOST = {
  port: 65_535,
  threads: 1024,
  batch: 256,
  windowMs: 10_000,
  queue: 100_000,
  models: 1000,
  bodyMegabytes: 256,
  megapixels: 134,
  seconds: 86_400,
} as const;

/** @throws CommandError 64 naming the flag, the values that it takes and the value given. */
export function parseServeFlags(flags: ServeFlags): ServeSettings {
  return {
    host: flags.host,
    port: parseCount('--port', flags.port, { least: 0, most: MOST.port }),
    threads: optional(flags.threads, (value) =>
      parseCount('--threads', value, { most: MOST.threads }),
    ),
    limits: {
      batch: parseCount('--batch', flags.batch, { most: MOST.batch }),
      batchWindowMs: parseCount('--batch-window', flags.batchWindow, {
        least: 0,
        most: MOST.windowMs,
      }),
      queueSize: parseCount('--queue-size', flags.queueSize, { most: MOST.queue }),
      keepModels: parseCount('--keep-models', flags.keepModels, { most: MOST.models }),
      bodyBytes: parseCount('--max-body', flags.maxBody, { most: MOST.bodyMegabytes }) * 2 ** 20,
      pixels: parseCount('--max-pixels', flags.maxPixels, { most: MOST.megapixels }) * 1e6,
      timeoutMs: parseCount('--timeout', flags.timeout, { most: MOST.seconds }) * 1000,
    },
  };
}

/** Shorter tokens can be guessed: 16 characters of a random token are 64 bits and more. */
const LEAST_TOKEN = 16;

/**
 * Reads the token from `--token-file`, or else from $GRADCAM_TOKEN.
 *
 * @returns undefined where neither is given.
 * @throws CommandError 64 for a token that is too short or that no header can hold; 66 for a missing file.
 */
export async function readToken({ tokenFile }: ServeFlags): Promise<string | undefined> {
  const from = tokenFile === undefined ? '$GRADCAM_TOKEN' : `--token-file ${tokenFile}`;
  const text =
    tokenFile === undefined
      ? process.env['GRADCAM_TOKEN']
      : Buffer.from(await readText(tokenFile, from)).toString('utf8');
  const token = text?.trim();
  if (token === undefined || (token === '' && tokenFile === undefined)) return undefined;
  if (token.length >= LEAST_TOKEN && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new CommandError(
    exitCodes.usage,
    `${from}: expected a token of at least ${LEAST_TOKEN} letters, digits and signs without spaces; make one with: openssl rand -hex 32`,
  );
}
