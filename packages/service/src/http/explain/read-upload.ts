import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { toPrintable } from '@gradcam/core';
import path from 'node:path';
import { RequestError } from '../request-error.ts';
import { shorten } from '../schemas/describe-misfit.ts';
import type { BodyCollector } from './collect-body.ts';

/** A picture that a client sent, and the options that came with it. */
export interface Upload {
  readonly bytes: Uint8Array;
  /** The file's name; `image` where none was sent. */
  readonly name: string;
  /** Options in the body, by their names; not validated yet. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** The name of a picture that came without one. */
const UNNAMED = 'image';

/**
 * Reads the upload of a request whose body is a picture, or multipart with a picture as its only file. In
 * multipart, the field `options` is a JSON object, and every other field is one option.
 *
 * @throws RequestError `bad-request` for a body without a picture or with several, and for broken JSON.
 */
export async function readUpload(request: FastifyRequest, bodies: BodyCollector): Promise<Upload> {
  const { body } = request;
  if (Buffer.isBuffer(body) && body.length > 0) return { bytes: body, name: UNNAMED, options: {} };
  if (!request.isMultipart()) throw noPicture();
  try {
    return await readForm(request, bodies);
  } catch (error) {
    // The parser of forms throws plain errors for broken ones.
    if (error instanceof RequestError || (error as { statusCode?: number }).statusCode) throw error;
    const reason = shorten((error as Error).message);
    throw new RequestError('bad-request', `the multipart body is broken (${reason})`, {
      cause: error,
    });
  }
}

async function readForm(request: FastifyRequest, bodies: BodyCollector): Promise<Upload> {
  let file: Pick<Upload, 'bytes' | 'name'> | null = null;
  const options: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for await (const part of request.parts()) {
    if (part.type !== 'file') addOption(options, part);
    // A program that gives this part a type gives it a file name as well.
    else if (part.fieldname === 'options') {
      Object.assign(options, readJson((await bodies.collect(part.file)).toString('utf8')));
    } else if (file === null) {
      file = { bytes: await bodies.collect(part.file), name: nameOf(part.filename) };
    } else throw severalFiles();
  }
  if (file === null || file.bytes.byteLength === 0) throw noPicture();
  return { ...file, options };
}

function severalFiles(): RequestError {
  return new RequestError('bad-request', 'the body has several files; send one picture a request');
}

function noPicture(): RequestError {
  return new RequestError(
    'bad-request',
    'the request has no picture; send its bytes as the body, or as the file of a multipart body',
  );
}

/** The last name of a path, in printable characters. It is repeated in answers and never opened. */
function nameOf(filename: string | undefined): string {
  const last = path.posix.basename((filename ?? '').replaceAll('\\', '/'));
  return shorten(toPrintable(last)) || UNNAMED;
}

function addOption(
  options: Record<string, unknown>,
  part: Exclude<Multipart, { type: 'file' }>,
): void {
  const { fieldname, value, valueTruncated } = part;
  if (valueTruncated) {
    throw new RequestError('bad-request', `the field ${shorten(fieldname)} is too long`);
  }
  if (fieldname === 'options') {
    Object.assign(options, readJson(value));
    return;
  }
  // A field that is repeated is a list, as in a query.
  const before = options[fieldname];
  options[fieldname] = before === undefined ? value : [before, value].flat();
}

function readJson(value: unknown): object {
  let parsed = value;
  if (typeof value === 'string') {
    try {
      parsed = JSON.parse(value);
    } catch (cause) {
      const reason = (cause as Error).message.split('\n')[0];
      throw new RequestError('bad-request', `options is not JSON (${shorten(reason ?? '')})`, {
        cause,
      });
    }
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw new RequestError('bad-request', 'options is not a JSON object');
}
