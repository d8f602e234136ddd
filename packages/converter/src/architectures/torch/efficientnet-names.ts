/** The number of stages of blocks, between the first convolution and the last one. */
const STAGES = 7;

/** The parts of a block of the first stage, which does not widen. */
const FIRST_STAGE: Readonly<Record<string, string>> = {
  ...{ '0.0': 'conv_dw', '0.1': 'bn1', '1.fc1': 'se.conv_reduce', '1.fc2': 'se.conv_expand' },
  ...{ '2.0': 'conv_pw', '2.1': 'bn2' },
};
/** The parts of the other blocks. */
const OTHER_STAGES: Readonly<Record<string, string>> = {
  ...{ '0.0': 'conv_pw', '0.1': 'bn1', '1.0': 'conv_dw', '1.1': 'bn2' },
  ...{ '2.fc1': 'se.conv_reduce', '2.fc2': 'se.conv_expand', '3.0': 'conv_pwl', '3.1': 'bn3' },
};

/**
 * The name of a part of EfficientNet in timm, where stages are counted from 0, and layers are named by what
 * they do. Spec: timm/models/efficientnet.py.
 *
 * @param part torchvision's name, such as `features.1.0.block.0`
 */
export function nameTimmParts(part: string): readonly string[] {
  const last = STAGES + 1;
  const known: Readonly<Record<string, string>> = {
    'features.0.0': 'conv_stem',
    'features.0.1': 'bn1',
    [`features.${last}.0`]: 'conv_head',
    [`features.${last}.1`]: 'bn2',
    'classifier.1': 'classifier',
  };
  const [, stage, block, inner = ''] = /^features\.(\d+)\.(\d+)\.block\.(.+)$/.exec(part) ?? [];
  if (stage === undefined) return [known[part] ?? part];
  const names = stage === '1' ? FIRST_STAGE : OTHER_STAGES;
  return [`blocks.${Number(stage) - 1}.${block}.${names[inner] ?? inner}`];
}
