import { Validator } from '@seriousme/openapi-schema-validator';
import sharp from 'sharp';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Service } from '@gradcam/service/http';
import { AnswerSchema, ErrorSchema } from '../src/http/schemas/answer.ts';
import { ExplainOptionsSchema } from '../src/http/schemas/explain-options.ts';
import { MethodsSchema, ModelSchema, ModelsSchema } from '../src/http/schemas/listings.ts';
import { NET, startFixtureService } from './helper/fixture-models.ts';

let service: Service;
let picture: Buffer<ArrayBuffer>;
beforeAll(async () => {
  service = await startFixtureService();
  const create = { width: 40, height: 30, channels: 3, background: 'orange' } as const;
  picture = (await sharp({ create }).png().toBuffer()) as Buffer<ArrayBuffer>;
});
afterAll(() => service.drain());

interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly parameters: readonly { readonly name: string; readonly schema: object }[];
}

async function get(address: string): Promise<unknown> {
  return (await fetch(new URL(address, service.url))).json();
}

test('the description is valid OpenAPI 3.1 of every address', async () => {
  const description = (await get('/openapi.json')) as Description;
  const { valid, errors } = await new Validator().validate(description as never);
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(description.openapi).toBe('3.1.0');
  expect(Object.keys(description.paths).sort()).toEqual([
    '/healthz',
    '/metrics',
    '/openapi.json',
    '/readyz',
    '/v1/explain',
    '/v1/methods',
    '/v1/models',
    '/v1/models/{id}',
  ]);
  const { parameters } = description.paths['/v1/explain']!['post']!;
  // The parameters are the fields of the schema that validates them.
  expect(parameters.map(({ name }) => name)).toEqual(Object.keys(ExplainOptionsSchema.properties));
});

/** What a schema does not know of a value, or gets wrong in it, makes a difference. */
function expectToFit(schema: TSchema, value: unknown): void {
  expect([...Value.Errors(schema, value)]).toEqual([]);
  expect(Value.Clean(schema, structuredClone(value))).toEqual(value);
}

test('answers fit the schemas that describe them, without a field more', async () => {
  expectToFit(ModelsSchema, await get('/v1/models'));
  expectToFit(ModelSchema, await get(`/v1/models/${NET}`));
  expectToFit(MethodsSchema, await get('/v1/methods'));
  expectToFit(ErrorSchema, await get('/nothing'));
  const queries = [
    '',
    'target=top2&method=grad-cam,guided-backprop,cnn-fixations&save=overlay,raw,boxes,masks',
    'target=not:1&like=pytorch-grad-cam&box=otsu&maps=npy,png',
  ];
  for (const query of queries) {
    const response = await fetch(new URL(`/v1/explain?${query}`, service.url), {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: picture,
    });
    const answer: unknown = await response.json();
    expect([query, response.status, answer]).toEqual([query, 200, expect.anything()]);
    expectToFit(AnswerSchema, answer);
  }
});
