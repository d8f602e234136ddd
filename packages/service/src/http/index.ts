/**
 * Explanations over HTTP.
 *
 * {@link startService} serves the models of a {@link ModelSource}. A picture goes through the functions that
 * `gradcam explain` uses for a file, so that an answer has the numbers of a run.
 *
 * @module
 */
export { defaultLimits, type ServiceLimits } from './limits.ts';
export type { ModelSource, OpenedModel } from './models/model-source.ts';
export { startService, type Service } from './server/start-service.ts';
export type { ServiceOptions } from './server/service-options.ts';
