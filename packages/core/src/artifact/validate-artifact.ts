import { GradcamError } from '../errors.ts';
import type { ArtifactDescription } from './artifact.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Checks the shape of `userDefinedMetadata.gradcam` and returns it typed.
 *
 * @throws GradcamError `model` naming the first field that is wrong, what was expected and found.
 */
export function validateArtifact(value: unknown): ArtifactDescription {
  const where = 'model.json userDefinedMetadata.gradcam';
  const block = object(value, where);
  if (block['schema'] !== 1) {
    fail(`${where}.schema`, '1, the only one known to this version', block['schema']);
  }
  for (const name of ['id', 'architecture', 'logits', 'defaultEndpoint']) {
    text(block[name], `${where}.${name}`);
  }
  const source = object(block['source'], `${where}.source`);
  for (const name of ['uri', 'format', 'sha256']) text(source[name], `${where}.source.${name}`);
  texts(object(block['shards'], `${where}.shards`), `${where}.shards`);
  validateInput(object(block['input'], `${where}.input`), `${where}.input`);
  const endpoints = object(block['endpoints'], `${where}.endpoints`);
  texts(endpoints, `${where}.endpoints`);
  const fallback = block['defaultEndpoint'] as string;
  if (!Object.hasOwn(endpoints, fallback)) {
    fail(`${where}.defaultEndpoint`, 'one of the endpoints', fallback);
  }
  for (const name of ['labels', 'wnids']) {
    const list = block[name];
    if (list !== undefined && !isListOf(list, 'string')) {
      fail(`${where}.${name}`, 'a list of texts', list);
    }
  }
  return value as ArtifactDescription;
}

function validateInput(input: Json, where: string): void {
  for (const name of ['height', 'width']) {
    const size = input[name];
    if (!Number.isInteger(size) || (size as number) < 1) {
      fail(`${where}.${name}`, 'a positive integer', size);
    }
  }
  oneOf(input['channelOrder'], ['rgb', 'bgr'], `${where}.channelOrder`);
  oneOf(input['fit'], ['crop', 'squash', 'letterbox'], `${where}.fit`);
  oneOf(input['resize'], ['bilinear-antialias'], `${where}.resize`);
  for (const name of ['scale', 'cropFraction']) {
    if (typeof input[name] !== 'number') fail(`${where}.${name}`, 'a number', input[name]);
  }
  for (const name of ['mean', 'std', 'pad']) {
    if (!isListOf(input[name], 'number'))
      fail(`${where}.${name}`, 'a list of numbers', input[name]);
  }
}

function isListOf(value: unknown, type: 'string' | 'number'): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}

function object(value: unknown, where: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  return fail(where, 'an object', value);
}

function text(value: unknown, where: string): void {
  if (typeof value !== 'string') fail(where, 'a text', value);
}

function texts(record: Json, where: string): void {
  for (const [name, value] of Object.entries(record)) text(value, `${where}.${name}`);
}

function oneOf(value: unknown, choices: readonly string[], where: string): void {
  if (!choices.includes(value as string)) fail(where, choices.join(' or '), value);
}

function fail(where: string, expected: string, found: unknown): never {
  throw new GradcamError(
    'model',
    `${where}: expected ${expected}, found ${JSON.stringify(found) ?? 'nothing'}`,
  );
}
