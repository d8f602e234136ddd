import { Type } from 'typebox';
import { ErrorSchema } from '../schemas/answer.ts';
import { HealthSchema } from '../schemas/listings.ts';
import type { ServiceContext } from '../server/context.ts';
import type { Server } from '../server/server-type.ts';

/** Adds `GET /healthz`, `/readyz` and `/metrics`. */
export function addHealthRoutes(app: Server, { metrics, isDraining }: ServiceContext): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'isAlive',
        summary: 'Whether the process is alive',
        security: [],
        response: { 200: HealthSchema },
      },
      config: { isHealth: true },
    },
    async () => ({ status: 'alive' }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'isReady',
        summary: 'Whether new requests are accepted: 503 while the service ends',
        security: [],
        response: { 200: HealthSchema, 503: HealthSchema },
      },
      config: { isHealth: true },
    },
    async (_, reply) => {
      if (isDraining()) return reply.code(503).send({ status: 'draining' });
      return { status: 'ready' };
    },
  );
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'readMetrics',
        summary: 'Counts and times for Prometheus',
        response: {
          200: { description: 'the metrics', content: { 'text/plain': { schema: Type.String() } } },
          '4xx': ErrorSchema,
        },
      },
    },
    async (_, reply) => {
      const { text, type } = await metrics.read();
      return reply.type(type).send(text);
    },
  );
}
