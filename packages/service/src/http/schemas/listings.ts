import { Type } from 'typebox';

const string = Type.String();

/** A model in the list of models. */
export const ListedModelSchema = Type.Object({
  id: string,
  open: Type.Boolean({ description: 'whether it is in memory' }),
});

/** The answer of `GET /v1/models`. */
export const ModelsSchema = Type.Object({ models: Type.Array(ListedModelSchema) });

/** The answer of `GET /v1/models/:id`. */
export const ModelSchema = Type.Object({
  id: string,
  open: Type.Boolean(),
  input: Type.Object({
    height: Type.Integer(),
    width: Type.Integer(),
    channels: Type.String({ description: 'rgb, bgr or gray' }),
    fit: Type.String({ description: 'crop, squash or letterbox' }),
  }),
  output: Type.String({ description: 'what the scores mean, in words' }),
  text: Type.Optional(
    Type.Object(
      {
        role: Type.String({ description: 'question: give one in ask; caption: say or caption' }),
        length: Type.Integer({ description: 'the most tokens of a text' }),
        words: Type.Integer({ description: 'how many words the model knows' }),
      },
      { description: 'of a model that reads or writes words' },
    ),
  ),
  labels: Type.Array(string, {
    description: 'names of the classes, in the order of their indices',
  }),
  layers: Type.Array(
    Type.Object({
      name: string,
      grid: Type.Array(Type.Integer(), { description: '[rows, columns] of a map at this layer' }),
    }),
  ),
  endpoints: Type.Record(Type.String(), Type.String(), {
    description: 'further names of layers',
  }),
  defaultLayer: Type.String({ description: 'the layer that auto means' }),
  methods: Type.Array(
    Type.Object({
      name: string,
      possible: Type.Boolean({
        description: 'whether it can explain this model at the default layer',
      }),
      reason: Type.Optional(string),
    }),
  ),
  readFrom: Type.Array(string, { description: 'facts that were read in files beside the model' }),
  assumptions: Type.Array(string, { description: 'facts that nothing states' }),
});

/** The answer of `GET /v1/methods`. */
export const MethodsSchema = Type.Object({
  methods: Type.Array(
    Type.Object({
      name: string,
      aliases: Type.Array(string),
      title: string,
      summary: string,
      cost: string,
      map: Type.String({ description: 'grid: cells of a layer; pixels: values for each channel' }),
      paper: string,
    }),
  ),
});

/** The answers of `GET /healthz` and `GET /readyz`. */
export const HealthSchema = Type.Object({ status: string });

/** The parameter of `GET /v1/models/:id`. */
export const ModelParamsSchema = Type.Object({ id: Type.String({ maxLength: 255 }) });
