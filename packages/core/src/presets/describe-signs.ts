import type { Method } from '../methods/method.ts';
import type { Preset } from './preset.ts';
import { peerMethod } from './presets.ts';

/** A note for each method whose sign a peer leaves open. */
export function describeSigns(preset: Preset, methods: readonly Method[]): readonly string[] {
  return methods
    .filter(({ name }) => peerMethod(preset, name).isOfEitherSign)
    .map(
      ({ name }) =>
        `${name} like ${preset.name}: the peer's map may be the negative of this one, since it keeps the sign that LAPACK returns; here the value of the largest magnitude is positive`,
    );
}
