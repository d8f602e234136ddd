import {
  describeOutput,
  listTaps,
  mainHead,
  methods,
  reportCapabilities,
  type ModelDescription,
} from '@gradcam/core';
import { RequestError } from '../request-error.ts';
import { ErrorSchema } from '../schemas/answer.ts';
import {
  MethodsSchema,
  ModelParamsSchema,
  ModelSchema,
  ModelsSchema,
} from '../schemas/listings.ts';
import type { ServiceContext } from '../server/context.ts';
import type { Server } from '../server/server-type.ts';

/** Adds `GET /v1/models`, `/v1/models/:id` and `/v1/methods`. */
export function addModelRoutes(app: Server, { models, pool }: ServiceContext): void {
  const failures = { '4xx': ErrorSchema, '5xx': ErrorSchema };
  app.get(
    '/v1/models',
    {
      schema: {
        operationId: 'listModels',
        summary: 'Lists the models',
        response: { 200: ModelsSchema, ...failures },
      },
    },
    async () => {
      const ids = await models.list();
      return { models: ids.map((id) => ({ id, open: pool.isOpen(id) })) };
    },
  );
  app.get(
    '/v1/models/:id',
    {
      schema: {
        operationId: 'describeModel',
        summary:
          'Describes a model: its input, classes, layers, and the methods that can explain it',
        params: ModelParamsSchema,
        response: { 200: ModelSchema, ...failures },
      },
    },
    async ({ params: { id } }) => {
      const ids = await models.list();
      if (!ids.includes(id)) {
        throw new RequestError(
          'not-found',
          'there is no model of this id; GET /v1/models lists them',
        );
      }
      return { open: pool.isOpen(id), ...describe(id, await models.describe(id)) };
    },
  );
  app.get(
    '/v1/methods',
    {
      schema: {
        operationId: 'listMethods',
        summary: 'Lists the methods',
        response: { 200: MethodsSchema, ...failures },
      },
    },
    async () => ({
      methods: methods.map(({ name, aliases = [], title, summary, cost, map, paper }) => ({
        ...{ name, aliases: [...aliases], title, summary, cost, map, paper },
      })),
    }),
  );
}

function describe(id: string, model: ModelDescription) {
  const { height, width, channelOrder, fit } = model.input;
  const { text } = model;
  return {
    id,
    input: { height, width, channels: channelOrder, fit },
    output: describeOutput(mainHead(model.network)),
    ...(text && {
      text: { role: text.role, length: text.length, words: text.vocabulary.length - 1 },
    }),
    labels: [...model.classNames.labels],
    layers: listTaps(model.network).map(({ layer, shape }) => ({
      name: layer,
      grid: shape.slice(0, 2),
    })),
    endpoints: { ...model.endpoints },
    defaultLayer: model.defaultLayer,
    methods: reportCapabilities(model).methods.map(({ method, ...rest }) => ({
      name: method,
      ...rest,
    })),
    readFrom: [...model.readFrom],
    assumptions: [...model.assumptions],
  };
}
