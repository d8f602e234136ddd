import { openRegularFile } from '@gradcam/core/node';
import { findFileInside } from '@gradcam/runs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { splitRequestPath } from './split-request-path.ts';
import { dataTypeOf, pageTypeOf } from './content-types.ts';
import { answerReport, reportNames } from './report/answer-report.ts';
import type { Originals } from './original-image.ts';
import { dataHeaders, refuseCaller, securityHeaders } from './security-headers.ts';
import { sendFile, sendText } from './send-file.ts';
import { findModelFile, listServedModels } from './served-models.ts';
import { thumbnailSides, type Thumbnails } from './thumbnails.ts';

/** A run's folder, and the original images of the run. */
export interface ServedRun {
  readonly folder: string;
  readonly originals: Originals;
}

/** Everything that the server can send. */
export interface Served {
  readonly run: ServedRun | undefined;
  readonly against: ServedRun | undefined;
  readonly models: readonly string[];
  readonly thumbnails: Thumbnails | undefined;
  readonly page: string;
  readonly port: number;
}

/**
 * Answers one request with a file of the page, which may run scripts, or with a file of a run or a model,
 * which is data.
 */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  served: Served,
): Promise<void> {
  setHeaders(response, securityHeaders);
  const refusal = refuseCaller(request.headers, served.port);
  if (refusal !== null) return sendText(response, 403, refusal);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuseBody(response, 405, 'only GET and HEAD requests are answered');
  }
  const { 'content-length': length = '0', 'transfer-encoding': coding } = request.headers;
  if (coding !== undefined || length !== '0')
    return refuseBody(response, 413, 'requests with a body are refused');
  const [path = ''] = (request.url ?? '').split('?');
  // A run changes while the page is open, and a rebuilt page keeps its name. Neither may come from a cache.
  response.setHeader('Cache-Control', 'no-store');
  if (path === '/served.json') return sendList(response, served);
  const report = reportNames.find((name) => path === `/${name}`);
  if (report !== undefined && served.run !== undefined) {
    const { run, page } = served;
    return answerReport(request, response, { name: report, run: run.folder, page });
  }
  const names = path === '/' ? ['index.html'] : splitRequestPath(path);
  if (names === null) return sendText(response, 404, 'not found');
  const [first = '', ...rest] = names;
  if (['run', 'against', 'models', 'thumbnails'].includes(first)) {
    setHeaders(response, dataHeaders);
    return answerData(request, response, served, first, rest);
  }
  const file = await findFileInside(served.page, names);
  return sendNamed(request, response, file, pageTypeOf);
}

/** Content types for files of runs and models. The browser treats none of them as a document or a script. */
async function answerData(
  request: IncomingMessage,
  response: ServerResponse,
  { run, against, models, thumbnails }: Served,
  first: string,
  names: readonly string[],
): Promise<void> {
  const isWanted = (): boolean => !response.destroyed;
  if (first === 'models') {
    return sendNamed(request, response, await findModelFile(models, names), dataTypeOf);
  }
  if (first === 'thumbnails') {
    const small = await findThumbnail(run, thumbnails, names, isWanted);
    return sendNamed(request, response, small, dataTypeOf);
  }
  const of = first === 'run' ? run : against;
  if (of === undefined) return sendText(response, 404, 'not found');
  const [folder, sha256 = '', ...rest] = names;
  if (folder === 'originals' && rest.length === 0) {
    const original = await of.originals.find(sha256, isWanted);
    if (original === null) return sendText(response, 404, 'not found');
    return sendFile(request, response, original, original.type);
  }
  return sendNamed(request, response, await findFileInside(of.folder, names), dataTypeOf);
}

async function findThumbnail(
  run: ServedRun | undefined,
  thumbnails: Thumbnails | undefined,
  [wanted, ...names]: readonly string[],
  isWanted: () => boolean,
): Promise<string | null> {
  const side = thumbnailSides.find((one) => String(one) === wanted);
  if (run === undefined || thumbnails === undefined || side === undefined) return null;
  const picture = await findFileInside(run.folder, names);
  if (picture === null || !/\.(png|webp)$/.test(picture)) return null;
  return thumbnails.find(picture, side, isWanted);
}

async function sendNamed(
  request: IncomingMessage,
  response: ServerResponse,
  file: string | null,
  typeOf: (file: string) => string | null,
): Promise<void> {
  const opened = file === null ? null : await openRegularFile(file).catch(() => null);
  if (file === null || opened === null) return sendText(response, 404, 'not found');
  return sendFile(request, response, opened, typeOf(file));
}

async function sendList(response: ServerResponse, served: Served): Promise<void> {
  const list = {
    run: served.run !== undefined,
    against: served.against !== undefined,
    evaluation: await hasEvaluation(served.run),
    report: served.run !== undefined,
    thumbnailSides: served.thumbnails === undefined ? [] : thumbnailSides,
    models: await listServedModels(served.models),
  };
  sendText(response, 200, JSON.stringify(list), 'application/json');
}

/** Whether the folder of the run has the table of an evaluation. */
async function hasEvaluation(run: ServedRun | undefined): Promise<boolean> {
  return run !== undefined && (await findFileInside(run.folder, ['evaluation.json'])) !== null;
}

/** Refuses a request without waiting for the rest of its body. */
function refuseBody(response: ServerResponse, status: number, text: string): void {
  response.setHeader('Connection', 'close');
  sendText(response, status, text);
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}
