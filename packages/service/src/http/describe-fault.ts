import { isGradcamError, type GradcamErrorKind } from '@gradcam/core';
import { isRunError } from '@gradcam/runs';
import type { FastifyError } from 'fastify';
import { describeMisfit } from './schemas/describe-misfit.ts';
import { RequestError, statusOf, type ErrorCode } from './request-error.ts';

/** A fault as its answer states it. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether it is a fault of this program or its machine, which its operator should see. */
  readonly isOurs: boolean;
}

const codeOfKind: Readonly<Record<GradcamErrorKind, ErrorCode>> = {
  argument: 'bad-request',
  'not-found': 'bad-request',
  image: 'unprocessable',
  unsupported: 'unprocessable',
  model: 'unprocessable',
  engine: 'model-unavailable',
};

/** Describes any error that handling a request throws. What is not expected is not shown to the client. */
export function describeFault(error: unknown): Fault {
  if (error instanceof RequestError) {
    return { code: error.code, message: error.message, isOurs: error.code === 'model-unavailable' };
  }
  if (isGradcamError(error)) {
    const code = codeOfKind[error.kind];
    return { code, message: error.message, isOurs: error.kind === 'engine' };
  }
  if (isRunError(error, 'argument', 'data')) {
    return { code: 'bad-request', message: error.message, isOurs: false };
  }
  const { statusCode = 500, validation, message, code = '' } = (error ?? {}) as FastifyError;
  if (validation !== undefined) {
    return { code: 'bad-request', message: describeMisfit(validation), isOurs: false };
  }
  if (statusCode === 415) {
    const expected =
      'expected a body of type image/*, application/octet-stream or multipart/form-data';
    return { code: 'unsupported-type', message: expected, isOurs: false };
  }
  if (code.startsWith('FST_BEARER_AUTH')) {
    const expected =
      'expected the header Authorization: Bearer <token> with the token of this service';
    return { code: 'unauthorized', message: expected, isOurs: false };
  }
  const known = statusCode < 500 ? codeOfStatus(statusCode) : undefined;
  if (known !== undefined) return { code: known, message: message.split('\n')[0]!, isOurs: false };
  return { code: 'internal', message: 'a fault of the service; its log says more', isOurs: true };
}

function codeOfStatus(status: number): ErrorCode {
  const codes = Object.keys(statusOf) as ErrorCode[];
  return codes.find((code) => statusOf[code] === status) ?? 'bad-request';
}
