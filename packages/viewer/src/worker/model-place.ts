import { openDroppedModel } from './dropped-model.ts';
import type { PlacedModel, ReadingOptions } from './placed-model.ts';
import type { ModelPlace } from './protocol.ts';
import { openServedModel } from './served-model.ts';

/**
 * Opens a model's files, from this server or from the reader's own files.
 *
 * @throws GradcamError `model` if there is no model.
 */
export function openModelPlace(place: ModelPlace, options: ReadingOptions): Promise<PlacedModel> {
  return place.kind === 'served'
    ? openServedModel(place.address, options)
    : openDroppedModel(place, options.signal);
}
