import type { Budget, Explainer } from '@gradcam/runs';
import type { RequestQueue } from '../access/request-queue.ts';
import type { BodyCollector } from '../explain/collect-body.ts';
import type { ServiceLimits } from '../limits.ts';
import type { Metrics } from '../metrics.ts';
import type { ModelPool } from '../models/model-pool.ts';
import type { ModelSource, OpenedModel } from '../models/model-source.ts';

/** A model in memory. */
export interface ServedModel {
  readonly opened: OpenedModel;
  /** Joins requests into runs of the model. */
  readonly explainer: Pick<Explainer, 'explain'>;
}

/** What the routes of a service share. */
export interface ServiceContext {
  readonly models: ModelSource;
  readonly pool: ModelPool<ServedModel>;
  readonly limits: ServiceLimits;
  readonly queue: RequestQueue;
  readonly bodies: BodyCollector;
  readonly pixels: Budget;
  readonly metrics: Metrics;
  readonly software: string;
  readonly note: (text: string) => void;
  /** Whether the service is about to end. */
  readonly isDraining: () => boolean;
}
