import { ExplainOptionsSchema } from './explain-options.ts';

const picture = { schema: { type: 'string', contentMediaType: 'application/octet-stream' } };

/**
 * The body of `POST /v1/explain` as OpenAPI describes it. It is read as a stream and not validated as a
 * value.
 */
export const explainBody = {
  required: true,
  content: {
    'image/*': picture,
    'application/octet-stream': picture,
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['image'],
        properties: {
          image: { type: 'string', contentMediaType: 'application/octet-stream' },
          options: ExplainOptionsSchema,
        },
      },
      encoding: { options: { contentType: 'application/json' } },
    },
  },
};
