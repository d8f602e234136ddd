import type { FastifyReply, FastifyRequest } from 'fastify';
import { isGradcamError } from '@gradcam/core';
import { isRunError } from '@gradcam/runs';
import { chooseFormat, mediaTypeOf, type AnswerFormat } from '../explain/choose-format.ts';
import { explainUpload, type ExplainedUpload } from '../explain/explain-upload.ts';
import { readOptions, type ReadOptions } from '../explain/read-options.ts';
import { readUpload, type Upload } from '../explain/read-upload.ts';
import type { OpenedModel } from '../models/model-source.ts';
import { RequestError } from '../request-error.ts';
import { AnswerSchema, ErrorSchema, type Answer } from '../schemas/answer.ts';
import { ExplainOptionsSchema, type StatedOptions } from '../schemas/explain-options.ts';
import { explainBody } from '../schemas/explain-body.ts';
import type { ServiceContext } from '../server/context.ts';
import type { Server } from '../server/server-type.ts';
import { watchRequest } from './watch-request.ts';

/** Adds `POST /v1/explain`. */
export function addExplainRoute(app: Server, context: ServiceContext): void {
  const { bodies, queue, limits } = context;
  app.post(
    '/v1/explain',
    {
      schema: {
        operationId: 'explain',
        summary: 'Explains what a model predicts for a picture',
        querystring: ExplainOptionsSchema,
        response: {
          200: {
            description: 'the explanations, or one overlay where Accept asks for a picture',
            content: {
              'application/json': { schema: AnswerSchema },
              'image/png': { schema: { type: 'string', contentMediaType: 'image/png' } },
              'image/webp': { schema: { type: 'string', contentMediaType: 'image/webp' } },
            },
          },
          '4xx': ErrorSchema,
          '5xx': ErrorSchema,
        },
      },
      config: { body: explainBody },
      // Before the body is received.
      onRequest: async () => queue.checkRoom(),
    },
    async (request, reply) => {
      const format = chooseFormat(request.headers.accept);
      const upload = await readUpload(request, bodies);
      const stated = mergeOptions(request, upload);
      const options = forFormat(readOptions(stated), format);
      const id = await chooseModel(stated, context);
      const release = queue.take();
      const watch = watchRequest(reply, limits.timeoutMs);
      const work = explain(id, upload, options, format, context, watch.signal);
      // The place is free when nothing is in memory any more, which may be later than the answer.
      void work.catch(() => {}).finally(release);
      const { explained, model } = await watch.race(work);
      return answer(reply, format, explained, model);
    },
  );
}

/** The options of the query and of the body together; those of the body win. */
function mergeOptions(
  request: FastifyRequest<{ Querystring: StatedOptions }>,
  { options }: Upload,
): StatedOptions {
  const merged = { ...request.query, ...options };
  const validate =
    request.getValidationFunction(ExplainOptionsSchema) ??
    request.compileValidationSchema(ExplainOptionsSchema);
  if (validate(merged)) return merged;
  throw Object.assign(new Error('options'), { validation: validate.errors ?? [], statusCode: 400 });
}

/** An answer that is a picture has one file, the overlay. */
function forFormat(options: ReadOptions, format: AnswerFormat): ReadOptions {
  return format === 'json' ? options : { ...options, save: { ...options.save, save: ['overlay'] } };
}

async function chooseModel({ model }: StatedOptions, { models }: ServiceContext): Promise<string> {
  const ids = await models.list();
  if (model !== undefined && ids.includes(model)) return model;
  if (model === undefined && ids.length === 1) return ids[0]!;
  throw model === undefined
    ? new RequestError('bad-request', 'model is missing; GET /v1/models lists the models')
    : new RequestError(
        'not-found',
        `there is no model of this id; GET /v1/models lists the models`,
      );
}

async function explain(
  id: string,
  upload: Upload,
  options: ReadOptions,
  format: AnswerFormat,
  context: ServiceContext,
  signal: AbortSignal,
): Promise<{ explained: ExplainedUpload; model: OpenedModel }> {
  const { pool, pixels, limits, software, metrics } = context;
  const lease = await pool.acquire(id, signal);
  const { opened, explainer } = lease.model;
  try {
    const explained = await explainUpload(upload, {
      ...{ model: opened, explainer, options, software, pixels, signal },
      format: format === 'webp' ? 'webp' : 'png',
      mostPixels: limits.pixels,
      onStage: (stage, ms) => {
        // Joining the requests tells the times in the queue and in the engine.
        if (stage !== 'model') metrics.stage(stage, ms / 1000);
      },
    });
    return { explained, model: opened };
  } catch (error) {
    // Anything that is not a fault of the request may have ended the model's thread.
    const isExpected = error instanceof RequestError || isGradcamError(error) || isRunError(error);
    if (!isExpected && !signal.aborted) lease.discard();
    throw error;
  } finally {
    lease.release();
  }
}

function answer(
  reply: FastifyReply,
  format: AnswerFormat,
  { line, files }: ExplainedUpload,
  { id, digest, engine }: OpenedModel,
): FastifyReply {
  reply.type(mediaTypeOf(format)).header('Vary', 'Accept');
  if (format !== 'json') {
    if (files.size !== 1) {
      throw new RequestError(
        'bad-request',
        `a picture shows one explanation, and these are ${files.size}; ask for one target, method and layer, or for JSON`,
      );
    }
    return reply.send([...files.values()][0]);
  }
  const { image, sha256, width, height, explanations, ...rest } = line;
  const body: Answer = {
    model: { id, digest },
    engine,
    ...{ image, sha256, width, height },
    ...rest,
    explanations: explanations.map((one) => ({ ...one, files: toBase64(one.files, files) })),
  };
  return reply.send(body);
}

function toBase64(
  names: Readonly<Record<string, string>>,
  files: ReadonlyMap<string, Uint8Array>,
): Record<string, string> {
  const entries = Object.entries(names).map(([kind, name]) => {
    const bytes = files.get(name)!;
    const { buffer, byteOffset, byteLength } = bytes;
    return [kind, Buffer.from(buffer, byteOffset, byteLength).toString('base64')] as const;
  });
  return Object.fromEntries(entries);
}
