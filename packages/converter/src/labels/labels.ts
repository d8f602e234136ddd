import { IMAGENET_SYNSETS } from './imagenet.generated.ts';

/** The set of class names with which an architecture was published. */
export type LabelSet = 'imagenet-1000' | 'imagenet-1001' | 'demo' | 'none';

/** Names of classes in the order of the logits. */
export interface Labels {
  readonly labels: readonly string[];
  /** The WordNet ids, if the classes are synsets; '' for a background class. */
  readonly wnids: readonly string[] | undefined;
}

/** The classes of the demo nets, the same as in `demo/labels.json`. */
const DEMO_LABELS = [
  'cat',
  'dog',
  'car',
  'bicycle',
  'bird',
  'elephant',
  'sailboat',
  'guitar',
  'umbrella',
  'turtle',
] as const;

/** The names of a label set, or `undefined` for `none`. */
export function getLabels(set: LabelSet): Labels | undefined {
  switch (set) {
    case 'imagenet-1000':
      return readSynsets([]);
    case 'imagenet-1001':
      // Nets of this kind were trained with an additional first class for the background.
      return readSynsets([['', 'background']]);
    case 'demo':
      return { labels: DEMO_LABELS, wnids: undefined };
    case 'none':
      return undefined;
  }
}

/** Reads lines such as `n01440764 tench, Tinca tinca`: the id, followed by all names of the synset. */
function readSynsets(before: readonly (readonly [string, string])[]): Labels {
  const synsets = IMAGENET_SYNSETS.trim()
    .split('\n')
    .map((line) => [line.slice(0, 9), line.slice(10)] as const);
  const classes = [...before, ...synsets];
  return { labels: classes.map(([, label]) => label), wnids: classes.map(([wnid]) => wnid) };
}
