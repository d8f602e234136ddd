import {
  colormapNames,
  gradientStyles,
  type ColormapName,
  type GradientStyle,
} from '@gradcam/core';
import {
  choiceField,
  countField,
  createPermalinks,
  numberField,
  switchField,
  textField,
} from '../state/permalink-fields.ts';
import { pictureKinds, type PictureKind } from '../state/view.ts';
import { engineChoices, type EngineChoice } from '../worker/protocol.ts';

/** Value ranges to which a model's input is scaled, with the names that `--input-range` uses. */
export const inputRanges = ['0..1', '-1..1', '0..255'] as const;
export type InputRange = (typeof inputRanges)[number];

export const channelOrders = ['rgb', 'bgr'] as const;
export type ChannelOrder = (typeof channelOrders)[number];

/** Everything that a permalink of the live page contains. The reader's own image is in no link. */
export interface LiveView {
  /** Null for the first model that the server offers. */
  readonly model: string | null;
  readonly engine: EngineChoice;
  /** Null if the model states it itself, or if nothing states it. */
  readonly inputRange: InputRange | null;
  readonly channelOrder: ChannelOrder | null;
  /** Height and width, such as `224x224`, for a model that leaves them open; null for the page's default. */
  readonly inputSize: string | null;
  /** The layer whose output is explained; null for the first output. */
  readonly output: string | null;
  readonly method: string;
  readonly layer: string;
  /** A target in the form of the command line: `top1`, an index, a name, `not:dog`, `cat:dog`, `word:2`. */
  readonly target: string;
  /** What is asked of a model that answers questions about a picture; empty if nothing is asked. */
  readonly question: string;
  /** A caption of the reader's own for a model that writes captions; empty for the model's. */
  readonly say: string;
  /** The number of passes for a method that runs the model many times; null for the method's default. */
  readonly runs: number | null;
  /** The name of the sample image that is shown, or null. */
  readonly sample: string | null;
  /** Hex sha256 of the image of the run that is shown, or null; and the name under which it is shown. */
  readonly original: string | null;
  readonly originalName: string | null;
  readonly picture: PictureKind;
  readonly marks: boolean;
  readonly colormap: ColormapName | null;
  readonly opacity: number | null;
  readonly threshold: number;
  readonly gamma: number;
  /** Null for their own colours. */
  readonly gradients: GradientStyle | null;
}

/** The view of a live page that is opened without a permalink. */
export const defaultLiveView: LiveView = {
  model: null,
  engine: 'auto',
  inputRange: null,
  channelOrder: null,
  inputSize: null,
  output: null,
  method: 'grad-cam',
  layer: 'auto',
  target: 'top1',
  question: '',
  say: '',
  runs: null,
  sample: null,
  original: null,
  originalName: null,
  picture: 'overlay',
  marks: true,
  colormap: null,
  opacity: null,
  threshold: 0,
  gamma: 1,
  gradients: null,
};

/** The colours of the maps where the view does not choose them. */
export const liveColours = { colormap: 'turbo', alpha: 0.5, gradients: 'colour' } as const;

export const { write: writeLiveLink, read: readLiveLink } = createPermalinks<LiveView>(
  {
    model: textField('model'),
    engine: choiceField('engine', engineChoices),
    inputRange: choiceField('range', inputRanges),
    channelOrder: choiceField('channels', channelOrders),
    inputSize: textField('size'),
    output: textField('output'),
    method: textField('method'),
    layer: textField('layer'),
    target: textField('target'),
    question: textField('ask'),
    say: textField('say'),
    runs: countField('runs'),
    sample: textField('sample'),
    original: textField('image'),
    originalName: textField('name'),
    picture: choiceField('picture', pictureKinds),
    marks: switchField('marks'),
    colormap: choiceField('colormap', colormapNames),
    opacity: numberField('opacity', 0, 1),
    threshold: numberField('threshold', 0, 1),
    gamma: numberField('gamma', 0.2, 5),
    gradients: choiceField('gradients', gradientStyles),
  },
  defaultLiveView,
);
