import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { WEIGHT_DTYPES, type WeightDType } from '../artifact/quantize.ts';
import { isConverterError } from '../errors.ts';
import { fetchAndConvert } from '../node/fetch-and-convert.ts';
import { DEFAULT_MODELS, PUBLISHED_MODELS } from '../registry/published-models.ts';
import { createProgressPrinter } from './progress-printer.ts';

/**
 * `nx run converter:fetch-and-convert [--model=<id>] [--out=<dir>] [--source=<file or URL>]
 * [--cache=<dir>] [--dtype=<dtype>] [--offline]`: published weights to model folders. Without a
 * model, the three of the classic demos. Paths are relative to where the user stands.
 *
 * Exit codes: 0 all done, 1 a model failed (the others are done), 64 usage.
 */
const USAGE =
  'usage: nx run converter:fetch-and-convert --model=<id> [--out=<dir>] [--source=<file or URL>] [--cache=<dir>] [--dtype=<dtype>] [--offline]';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 64;
  }
  // Nx runs tasks in the root of the workspace. `INIT_CWD` is the folder in which the user called it.
  const standing = process.env['INIT_CWD'] ?? process.cwd();
  const isUrl = options.source !== undefined && /^(https?|file):/i.test(options.source);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
  }
  for (const model of options.models) announce(model, options.source);
  let failures = 0;
  for (const model of options.models) {
    const printer = createProgressPrinter(process.stderr, model);
    try {
      const { directory, report } = await fetchAndConvert({
        model,
        outDirectory: resolve(standing, options.out),
        source:
          options.source === undefined || isUrl
            ? options.source
            : resolve(standing, options.source),
        cacheDirectory: options.cache === undefined ? undefined : resolve(standing, options.cache),
        dtype: options.dtype,
        offline: options.offline,
        signal: abort.signal,
        onProgress: printer.show,
        onNotice: printer.say,
      });
      printer.say(
        report === undefined
          ? `${directory} is up to date`
          : `${directory}: ${report.used.length} weights, ${report.classes} classes, ${report.shards} shards; ${report.unused.length} entries of the source not used`,
      );
    } catch (error) {
      failures++;
      printer.say(describeError(error));
      if (abort.signal.aborted) break;
    }
  }
  return failures === 0 ? 0 : 1;
}

/** Prints the size of a download before it begins. */
function announce(model: string, source: string | undefined): void {
  const published = PUBLISHED_MODELS.find(({ id }) => id === model);
  if (published === undefined || source !== undefined) return;
  const { byteLength, approximateBytes, urls } = published;
  const mebibytes = Math.round((byteLength ?? approximateBytes) / 2 ** 20);
  const host = new URL(urls[0] ?? '').host;
  process.stderr.write(`${model}: ${byteLength ? '' : 'about '}${mebibytes} MiB from ${host}\n`);
}

interface Options {
  models: readonly string[];
  out: string;
  source: string | undefined;
  cache: string | undefined;
  dtype: WeightDType;
  offline: boolean;
}

function readOptions(argv: readonly string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        model: { type: 'string', multiple: true },
        out: { type: 'string', default: 'models' },
        source: { type: 'string' },
        cache: { type: 'string' },
        dtype: { type: 'string', default: 'float32' },
        offline: { type: 'boolean', default: false },
      },
    });
    const models = (values.model ?? []).flatMap((names) => names.split(',')).filter(Boolean);
    if (values.source !== undefined && models.length !== 1) return undefined;
    const dtype = WEIGHT_DTYPES.find((known) => known === values.dtype);
    if (dtype === undefined) return undefined;
    const { out, source, cache, offline } = values;
    return {
      models: models.length > 0 ? models : DEFAULT_MODELS,
      out,
      source,
      cache,
      dtype,
      offline,
    };
  } catch {
    return undefined;
  }
}

function describeError(error: unknown): string {
  if (isConverterError(error)) return error.message;
  if (process.env['GRADCAM_DEBUG']) return String(error instanceof Error ? error.stack : error);
  return error instanceof Error ? error.message : String(error);
}
