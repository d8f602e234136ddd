/** The limits of a service. Each has a flag of `gradcam serve`. */
export interface ServiceLimits {
  /** Bytes of a body. */
  readonly bodyBytes: number;
  /** Pixels of one picture, and of all pictures that are decoded at the same time. */
  readonly pixels: number;
  /** Requests that may wait or be worked on; further ones are answered with 429. */
  readonly queueSize: number;
  /** Milliseconds from the end of a request's body to its answer. */
  readonly timeoutMs: number;
  /** The most inputs in one run of the engine. */
  readonly batch: number;
  /** Milliseconds that the first request of a run waits for others. */
  readonly batchWindowMs: number;
  /** Models that are open at the same time. */
  readonly keepModels: number;
}

/**
 * Defaults. A picture of 50 megapixels needs some 800 MB while it is explained, and a photograph of that size
 * has about 16 MB.
 */
export const defaultLimits: ServiceLimits = {
  bodyBytes: 16 * 2 ** 20,
  pixels: 50_000_000,
  queueSize: 64,
  timeoutMs: 60_000,
  batch: 8,
  batchWindowMs: 2,
  keepModels: 2,
};

/**
 * Limits of connections. A client of a program sends its headers at once; a slow line of 1 Mbit/s sends 3 MB
 * within the time for a whole request. The times are checked every second.
 */
export const CONNECTION_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
} as const;

/** The most connections at the same time; further ones are closed at once. */
export const MAX_CONNECTIONS = 1024;

/** Bodies that are being received may hold this many bodies of the largest size in memory, together. */
export const BODIES_IN_MEMORY = 16;

/** The most bytes of the options in a multipart body. A list of targets needs a hundred. */
export const MAX_OPTIONS_BYTES = 64 * 1024;

/**
 * The most explanations of one picture: methods times layers times targets. Each has a map in memory, and
 * `top1000` at five layers would be five thousand.
 */
export const MAX_EXPLANATIONS = 64;

/** The most passes that a request may ask of one method with `runs`: twice the usual number for RISE. */
export const MAX_RUNS = 16_000;

/** Seconds after which a client that was refused may try again. */
export const RETRY_AFTER_SECONDS = 1;
