import { GradcamError } from '../base/errors.ts';
import { resizeFilters, type ArtifactDescription } from './artifact.ts';
import { checkText } from './text-description.ts';

/** Longest side of a model's input in pixels, more than ten times what usual models take. */
const MAX_INPUT_SIDE = 16_384;

type Json = Readonly<Record<string, unknown>>;

/**
 * Checks the block `userDefinedMetadata.gradcam` and returns it typed.
 *
 * @throws GradcamError `model` naming the first wrong field, what was expected and what was found.
 */
export function validateArtifact(value: unknown): ArtifactDescription {
  const where = 'model.json userDefinedMetadata.gradcam';
  const block = object(value, where);
  if (block['schema'] !== 1) {
    fail(`${where}.schema`, '1, the only schema that this version reads', block['schema']);
  }
  for (const name of ['id', 'architecture', 'logits', 'defaultEndpoint']) {
    string(block[name], `${where}.${name}`);
  }
  const source = object(block['source'], `${where}.source`);
  for (const name of ['uri', 'format', 'sha256']) string(source[name], `${where}.source.${name}`);
  strings(object(block['shards'], `${where}.shards`), `${where}.shards`);
  validateInput(object(block['input'], `${where}.input`), `${where}.input`);
  const endpoints = object(block['endpoints'], `${where}.endpoints`);
  strings(endpoints, `${where}.endpoints`);
  const fallback = block['defaultEndpoint'] as string;
  if (!Object.hasOwn(endpoints, fallback)) {
    fail(`${where}.defaultEndpoint`, 'one of the endpoints', fallback);
  }
  for (const name of ['labels', 'wnids']) {
    const list = block[name];
    if (list !== undefined && !isListOfStrings(list)) {
      fail(`${where}.${name}`, 'a list of strings', list);
    }
  }
  if (block['text'] !== undefined) checkText(block['text'], `${where}.text`);
  if (block['assumed'] !== undefined) {
    strings(object(block['assumed'], `${where}.assumed`), `${where}.assumed`);
  }
  if (block['probe'] !== undefined) {
    validateProbe(object(block['probe'], `${where}.probe`), `${where}.probe`);
  }
  return value as ArtifactDescription;
}

function validateInput(input: Json, where: string): void {
  for (const name of ['height', 'width']) {
    const size = input[name];
    const isSide = Number.isInteger(size) && (size as number) >= 1;
    if (!isSide || (size as number) > MAX_INPUT_SIDE) {
      fail(`${where}.${name}`, `an integer from 1 to ${MAX_INPUT_SIDE}`, size);
    }
  }
  oneOf(input['channelOrder'], ['rgb', 'bgr', 'gray'], `${where}.channelOrder`);
  oneOf(input['fit'], ['crop', 'squash', 'letterbox'], `${where}.fit`);
  oneOf(input['resize'], resizeFilters, `${where}.resize`);
  const { scale, cropFraction } = input;
  if (!isNumber(scale) || scale === 0) fail(`${where}.scale`, 'a number other than 0', scale);
  if (!isNumber(cropFraction) || cropFraction <= 0 || cropFraction > 1) {
    fail(`${where}.cropFraction`, 'a number above 0, at most 1', cropFraction);
  }
  for (const name of ['mean', 'std', 'pad']) {
    const list = input[name];
    const count = input['channelOrder'] === 'gray' && name !== 'pad' ? 1 : 3;
    if (!Array.isArray(list) || list.length !== count || !list.every(isNumber)) {
      fail(`${where}.${name}`, count === 1 ? 'one number' : 'three numbers', list);
    }
  }
  if ((input['std'] as number[]).includes(0)) {
    fail(`${where}.std`, 'numbers other than 0', input['std']);
  }
}

function validateProbe(probe: Json, where: string): void {
  for (const name of ['generator', 'engine']) string(probe[name], `${where}.${name}`);
  for (const name of ['seed', 'tolerance']) {
    if (!isNumber(probe[name])) fail(`${where}.${name}`, 'a number', probe[name]);
  }
  const { top } = probe;
  const isPair = (pair: unknown): boolean =>
    Array.isArray(pair) && pair.length === 2 && pair.every(isNumber);
  if (!Array.isArray(top) || !top.every(isPair)) {
    fail(`${where}.top`, 'a list of [class, logit]', top);
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function object(value: unknown, where: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  return fail(where, 'an object', value);
}

function string(value: unknown, where: string): void {
  if (typeof value !== 'string') fail(where, 'a string', value);
}

function strings(record: Json, where: string): void {
  for (const [name, value] of Object.entries(record)) string(value, `${where}.${name}`);
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
