import { openDroppedModel } from './dropped-model.ts';
import type { PlacedModel, ReadingOptions } from './placed-model.ts';
import type { ModelPlace } from './protocol.ts';
import { openServedModel } from './served-model.ts';

/**
 * Opens a model's files, on this server or in the reader's hands.
 *
 * @throws GradcamError `model` where no model is there.
 */
export function openModelPlace(place: ModelPlace, options: ReadingOptions): Promise<PlacedModel> {
  return place.kind === 'served'
    ? openServedModel(place.address, options)
    : openDroppedModel(place, options.signal);
}
