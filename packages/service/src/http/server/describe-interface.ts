import swagger from '@fastify/swagger';
import type { Server } from './server-type.ts';

/** Adds `GET /openapi.json`, made from the schemas that validate requests. */
export async function describeInterface(
  app: Server,
  version: string,
  needsToken: boolean,
): Promise<void> {
  const security = needsToken ? [{ token: [] }] : [];
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'gradcam serve',
        version,
        description: 'Explains what image classifiers predict: Grad-CAM and related methods.',
      },
      components: {
        securitySchemes: needsToken ? { token: { type: 'http', scheme: 'bearer' } } : {},
      },
      security,
    },
    transform({ schema, url, route }) {
      const { body } = route.config ?? {};
      return { schema: body === undefined ? schema : { ...schema, body }, url };
    },
  });
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'describeInterface',
        summary: 'This description',
        response: { 200: { type: 'object', additionalProperties: true } },
      },
    },
    async () => ({ ...app.swagger() }),
  );
}
