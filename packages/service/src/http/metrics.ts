import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The parts of the work on a request. Their times add up to the time of the request, apart from HTTP. */
export type ServiceStage = 'decode' | 'queue' | 'engine' | 'paint' | 'encode';

/** What a service counts and measures, for Prometheus. */
export interface Metrics {
  /** Adds an answered request. */
  answered(route: string, method: string, status: number, seconds: number): void;
  /** Adds the time of a request in a stage. */
  stage(stage: ServiceStage, seconds: number): void;
  batch(size: number): void;
  /** The metrics in Prometheus's text format, and its media type. */
  read(): Promise<{ readonly text: string; readonly type: string }>;
}

/** What the gauges show at the time of a request for the metrics. */
export interface Watched {
  readonly waiting: () => number;
  readonly modelsOpen: () => number;
}

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const STAGE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];
const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64];

export function createMetrics({ waiting, modelsOpen }: Watched): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'gradcam_http_requests_total',
    help: 'Requests that were answered',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'gradcam_http_request_seconds',
    help: 'Time from the headers of a request to the end of its answer',
    labelNames: ['route'],
    buckets: REQUEST_SECONDS,
    registers,
  });
  const stages = new Histogram({
    name: 'gradcam_stage_seconds',
    help: "Time of a request in a stage; engine is the request's share of the run that it was joined into",
    labelNames: ['stage'],
    buckets: STAGE_SECONDS,
    registers,
  });
  const batches = new Histogram({
    name: 'gradcam_batch_size',
    help: 'Requests that were joined into one run of the engine',
    buckets: BATCH_SIZES,
    registers,
  });
  new Gauge({
    name: 'gradcam_requests_waiting',
    help: 'Requests that wait or are worked on',
    registers,
    collect() {
      this.set(waiting());
    },
  });
  new Gauge({
    name: 'gradcam_models_open',
    help: 'Models in memory',
    registers,
    collect() {
      this.set(modelsOpen());
    },
  });
  return {
    answered(route, method, status, seconds) {
      requests.inc({ route, method, status: String(status) });
      durations.observe({ route }, seconds);
    },
    stage: (stage, seconds) => stages.observe({ stage }, seconds),
    batch: (size) => batches.observe(size),
    read: async () => ({ text: await registry.metrics(), type: registry.contentType }),
  };
}
