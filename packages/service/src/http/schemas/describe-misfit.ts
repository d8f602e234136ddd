import type { FastifySchemaValidationError } from 'fastify';

/** The most characters of a client's value that a message repeats. */
const SHOWN = 60;

/** The first reason why options do not fit their schema, in one line. */
export function describeMisfit(errors: readonly FastifySchemaValidationError[]): string {
  const first = errors[0];
  if (first === undefined) return 'the options do not fit the schema at /openapi.json';
  const { keyword, instancePath, params } = first;
  const name = instancePath.split('/')[1] ?? 'options';
  if (keyword === 'additionalProperties') {
    const unknown = shorten(String(params['additionalProperty']));
    return `there is no option '${unknown}'; /openapi.json lists the options`;
  }
  if (keyword === 'enum') {
    const allowed = (params['allowedValues'] as readonly unknown[]).map(String);
    return `${name} takes ${allowed.join(', ')}`;
  }
  const { type, limit, comparison } = params as Record<string, unknown>;
  if (keyword === 'type') return `${name} takes a value of the type ${String(type)}`;
  if (keyword === 'minimum' || keyword === 'maximum') {
    return `${name} takes numbers ${String(comparison)} ${String(limit)}`;
  }
  return `${name} ${first.message ?? 'does not fit its schema'}`;
}

/** A client's text, cut to a length that a message can hold. */
export function shorten(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}..` : text;
}
