import type { InputSpec } from '../architectures/architecture.ts';
import type { AssumedFacts } from '../artifact/model-json.ts';
import type { RecognisedFile } from './recognise-torch.ts';

/** What a caller states about a net of PyTorch. */
export interface StatedFacts {
  readonly labels?: readonly string[] | undefined;
  readonly input?: Partial<InputSpec> | undefined;
}

/**
 * Says what is assumed about a net whose file holds only weights: the net itself where it was recognised, how
 * pictures are prepared, and the names of a thousand classes. What the caller states is not assumed.
 */
export function describeAssumptions(
  { architecture, isAssumed, isPublished, lookalikes }: RecognisedFile,
  classes: number,
  stated: StatedFacts,
): AssumedFacts {
  const input = { ...architecture.variants[0]!.input, ...stated.input };
  const { width, cropFraction, resize, mean, std } = input;
  const filter = resize.replace('-antialias', '');
  const short = Math.round(width / cropFraction);
  const colours = (values: readonly number[]): string => values.join(', ');
  return {
    ...(isAssumed && {
      architecture: `the net is ${architecture.id}, which the names and shapes of its weights fit${lookalikes === undefined ? '' : `, though they are also those of ${lookalikes}`} (state another with convert --arch)`,
    }),
    ...(stated.input === undefined &&
      !isPublished && {
        input: `pictures are resized to ${short} pixels (${filter}), the middle ${width}x${width} is cut out, and colours from 0 to 1 are normalised by mean ${colours(mean)} and deviation ${colours(std)}, as torchvision does for ${architecture.id} (state it with --crop, --resize, --mean, --std)`,
      }),
    ...(stated.labels === undefined &&
      !isPublished &&
      classes === architecture.classes && {
        labels: `the ${classes} classes are those of ImageNet in torchvision's order (state others with --labels)`,
      }),
  };
}
