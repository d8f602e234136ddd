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
  { architecture, activation, library, isAssumed, isPublished, lookalikes, head }: RecognisedFile,
  classes: number,
  stated: StatedFacts,
): AssumedFacts {
  const input = { ...architecture.variants[0]!.input, ...stated.input };
  const { width, cropFraction, resize, mean, std } = input;
  const filter = resize.replace('-antialias', '');
  const short = Math.round(width / cropFraction);
  const isGray = input.channelOrder === 'gray';
  const colours = (values: readonly number[]): string => values.join(', ');
  return {
    ...(isAssumed && {
      architecture: `the net is ${architecture.id}, which the names and shapes of its weights fit${lookalikes === undefined ? '' : `, though they are also those of ${lookalikes}`}; its function, ${activation}, its strides and its poolings are taken from the published net, since no weight shows them (state another net with convert --arch; export a changed one with torch.onnx.export)`,
    }),
    ...(stated.input === undefined &&
      !isPublished && {
        input: `pictures are ${isGray ? 'made gray, ' : ''}resized to ${short} pixels (${filter}), the middle ${width}x${width} is cut out, and ${isGray ? GRAY : `colours from 0 to 1 are normalised by mean ${colours(mean)} and deviation ${colours(std)}, as ${library ?? 'torchvision'} does for ${architecture.id}`} (state it with --crop, --resize, --mean, --std${isGray ? ', --input-range' : ''})`,
      }),
    ...describeHead(head, classes),
    ...(stated.labels === undefined &&
      !isPublished &&
      classes === architecture.classes && {
        labels: `the ${classes} classes are those of ImageNet in torchvision's order (state others with --labels)`,
      }),
  };
}

/** Colour nets have the preparation of their published weights. Nothing of this kind exists for gray ones. */
const GRAY =
  'values from 0 to 1 go into the net as they are, since no weights for gray pictures are published; its first convolution has the stride and the borders of the published one';

function describeHead(head: RecognisedFile['head'], classes: number): Pick<AssumedFacts, 'head'> {
  const parts = [
    ...(head?.isGuessed === true
      ? [
          `the head is ${head.words}, though the file does not say what lies between its layers, nor that they are the head`,
        ]
      : []),
    ...(classes === 1 && head?.isStated !== true
      ? ['the only score is made a probability by a sigmoid']
      : []),
  ];
  if (parts.length === 0) return {};
  const example = classes === 1 ? 'linear,sigmoid' : 'linear,gelu,dropout,linear';
  return { head: `${parts.join('; ')} (state it with convert --head, such as --head ${example})` };
}
