import bearerAuth from '@fastify/bearer-auth';
import multipart from '@fastify/multipart';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type { AddressInfo } from 'node:net';
import { refuseForeign } from '../access/own-host.ts';
import { describeFault } from '../describe-fault.ts';
import { tooLarge } from '../explain/collect-body.ts';
import { CONNECTION_LIMITS, MAX_OPTIONS_BYTES, RETRY_AFTER_SECONDS } from '../limits.ts';
import { RequestError, statusOf, toErrorBody, type ErrorCode } from '../request-error.ts';
import { addExplainRoute } from '../routes/add-explain-route.ts';
import { addHealthRoutes } from '../routes/add-health-routes.ts';
import { addModelRoutes } from '../routes/add-model-routes.ts';
import type { ServiceContext } from './context.ts';
import { describeInterface } from './describe-interface.ts';
import { refuseBrokenRequest } from './refuse-broken-requests.ts';
import type { Server } from './server-type.ts';

/** Who may ask, and how the interface is described. */
export interface AppOptions {
  readonly version: string;
  /** The token that requests must have; undefined where none is needed. */
  readonly token: string | undefined;
  /** Whether the service listens on this machine only, so that requests of other pages are refused. */
  readonly isLocal: boolean;
  /** Called when a request is accepted; it returns what is called when it has ended. */
  readonly onAccept: () => () => void;
}

/** Creates the server with its routes; it does not listen yet. */
export async function createApp(context: ServiceContext, options: AppOptions): Promise<Server> {
  const { limits, note } = context;
  const app: Server = fastify({
    bodyLimit: limits.bodyBytes,
    requestTimeout: CONNECTION_LIMITS.requestTimeout,
    keepAliveTimeout: CONNECTION_LIMITS.keepAliveTimeout,
    http: {
      headersTimeout: CONNECTION_LIMITS.headersTimeout,
      connectionsCheckingInterval: CONNECTION_LIMITS.connectionsCheckingInterval,
      maxHeaderSize: CONNECTION_LIMITS.maxHeaderSize,
    },
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: true,
    clientErrorHandler: refuseBrokenRequest,
    frameworkErrors: (error, _, reply) => refuse(reply as FastifyReply, error, note),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array', allErrors: false } },
  });
  // Answers are serialised as they are. A serialiser made from the schemas would leave fields out.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error, _, reply) => refuse(reply, error, note));
  app.setNotFoundHandler((request, reply) => refuse(reply, refuseAddress(app, request), note));
  addAccess(app, context, options);
  if (options.token !== undefined) await addToken(app, options.token);
  measureRequests(app, context);
  await addBodies(app, context);
  await describeInterface(app, options.version, options.token !== undefined);
  addHealthRoutes(app, context);
  addModelRoutes(app, context);
  addExplainRoute(app, context);
  await app.ready();
  return app;
}

/** Answers with the one form of all refusals. */
function refuse(reply: FastifyReply, error: unknown, note: (text: string) => void): FastifyReply {
  const { code, message, isOurs } = describeFault(error);
  if (isOurs) note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (code === 'unauthorized') reply.header('WWW-Authenticate', 'Bearer');
  if (code === 'busy' || code === 'draining' || code === 'timeout')
    reply.header('Retry-After', String(RETRY_AFTER_SECONDS));
  const { raw } = reply.request;
  if (!raw.complete) {
    // The rest of the body is thrown away, so that the client can read this answer and ask again.
    raw.unpipe();
    raw.resume();
  }
  return reply.code(statusOf[code]).type('application/json').send(toErrorBody(code, message));
}

const methodsToTry = ['GET', 'POST'] as const;

function refuseAddress(app: Server, { url, method }: FastifyRequest): RequestError {
  const [path = ''] = url.split('?');
  const other = methodsToTry.find((one) => app.hasRoute({ url: path, method: one }));
  const code: ErrorCode = other === undefined ? 'not-found' : 'method-not-allowed';
  const what = other === undefined ? 'there is nothing at this address' : `${path} takes ${other}`;
  return new RequestError(code, `${what}; /openapi.json lists the addresses (method: ${method})`);
}

/** Refuses what is not accepted by its headers alone, before anything is read. */
function addAccess(
  app: Server,
  { isDraining }: ServiceContext,
  { isLocal, onAccept }: AppOptions,
): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('X-Content-Type-Options', 'nosniff').header('Cache-Control', 'no-store');
    if (isLocal) {
      const { port } = app.server.address() as AddressInfo;
      const reason = refuseForeign(request.headers, port);
      if (reason !== null) throw new RequestError('forbidden', reason);
    }
    if (request.routeOptions.config.isHealth) return;
    if (isDraining()) throw new RequestError('draining', 'the service is ending; ask another one');
    reply.raw.once('close', onAccept());
  });
}

/** Demands the token, which is compared in constant time, except for the routes of health. */
async function addToken(app: Server, token: string): Promise<void> {
  await app.register(bearerAuth, {
    keys: new Set([token]),
    addHook: false,
    verifyErrorLogLevel: 'debug',
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.isHealth) done();
    else app.verifyBearerAuth!(request, reply, done);
  });
}

function measureRequests(app: Server, { metrics }: ServiceContext): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'other';
    metrics.answered(route, request.method, reply.statusCode, reply.elapsedTime / 1000);
  });
}

/** Reads pictures and multipart bodies, and nothing else. */
async function addBodies(app: Server, { bodies, limits }: ServiceContext): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    /^(image\/|application\/octet-stream)/i,
    async (request: FastifyRequest, payload: NodeJS.ReadableStream) => {
      // A body that says its length is refused before it is sent.
      if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytes) {
        throw tooLarge(limits.bodyBytes);
      }
      return bodies.collect(payload as unknown as AsyncIterable<Uint8Array>);
    },
  );
  await app.register(multipart, {
    limits: {
      fileSize: limits.bodyBytes + 1,
      files: 3,
      fields: 64,
      fieldSize: MAX_OPTIONS_BYTES,
      fieldNameSize: 100,
      headerPairs: 50,
    },
  });
}
