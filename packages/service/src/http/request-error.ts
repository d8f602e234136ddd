import { toOneLine } from '@gradcam/core';

/** The values of `error.code` in answers, for programs; `error.message` is for people. */
export type ErrorCode =
  /** 400: an option, a part of the body or the request itself is wrong. */
  | 'bad-request'
  /** 401: the bearer token is missing or wrong. */
  | 'unauthorized'
  /** 403: the request comes from another page, or names another host than this server. */
  | 'forbidden'
  /** 404: there is no such address or no such model. */
  | 'not-found'
  /** 405: the address does not take this method. */
  | 'method-not-allowed'
  /** 406: none of the types in `Accept` can be answered. */
  | 'not-acceptable'
  /** 408: the request did not arrive in time. */
  | 'too-slow'
  /** 413: the body or the picture is larger than allowed. */
  | 'too-large'
  /** 415: the body is of a type that is not read. */
  | 'unsupported-type'
  /** 422: the picture cannot be decoded, or the model cannot be explained in this way. */
  | 'unprocessable'
  /** 429: too many requests wait; try again after `Retry-After` seconds. */
  | 'busy'
  /** 431: the headers are too long. */
  | 'headers-too-large'
  /** 500: a fault of this program. */
  | 'internal'
  /** 503: the model cannot be opened or the engine does not work. */
  | 'model-unavailable'
  /** 503: the service is about to end. */
  | 'draining'
  /** 503: the work took longer than allowed. */
  | 'timeout';

/** The status of each code. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  'too-slow': 408,
  'too-large': 413,
  'unsupported-type': 415,
  unprocessable: 422,
  busy: 429,
  'headers-too-large': 431,
  internal: 500,
  'model-unavailable': 503,
  draining: 503,
  timeout: 503,
};

/** A request that is refused, with the one line that its answer has. */
export class RequestError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(toOneLine(message), options);
    this.name = 'RequestError';
    this.code = code;
  }
}

/** The body of every answer that is not a success. */
export interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

export function toErrorBody(code: ErrorCode, message: string): ErrorBody {
  return { error: { code, message } };
}
