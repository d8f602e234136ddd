import { WEIGHT_DTYPES, type WeightDType } from '@gradcam/converter';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** @throws CommandError 64 for a name that is not a dtype of weights. */
export function parseDtype(name: string): WeightDType {
  const dtype = WEIGHT_DTYPES.find((known) => known === name);
  if (dtype !== undefined) return dtype;
  throw new CommandError(
    exitCodes.usage,
    `--dtype takes ${WEIGHT_DTYPES.join(', ')}; got '${name}'`,
  );
}
