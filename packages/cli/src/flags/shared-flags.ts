import { Option, type Command } from 'commander';
import { collect } from './collect.ts';

/** Flags that several commands take, each with one help text for all of them. */
const sharedFlags = {
  models: () => new Option('--models <dir>', 'folder that is searched for models first'),
  inputRange: () =>
    new Option('--input-range <range>', '0..255, 0..1 or -1..1 (write --input-range=-1..1)'),
  inputSize: () =>
    new Option(
      '--input-size <HxW>',
      'height and width, for a model that leaves them open; default 224x224',
    ),
  mean: () =>
    new Option(
      '--mean <a,b,c>',
      "subtracted after scaling to the range; in the model's channel order",
    ),
  std: () => new Option('--std <a,b,c>', 'divides the values after the mean is subtracted'),
  channels: () =>
    new Option('--channels <order>', "channel order of the model's input: rgb or bgr"),
  crop: () =>
    new Option(
      '--crop <share>',
      'share of the picture to keep, such as 0.875: of the short side with --fit crop, of both sides with squash',
    ),
  resize: () =>
    new Option(
      '--resize <filter>',
      'filter for resizing: bilinear, bicubic or lanczos, each with antialiasing',
    ),
  input: () =>
    new Option(
      '--input <name=file>',
      'value of a further input of the model, the same for every image: a picture, .json or .npy; repeatable',
    )
      .argParser(collect)
      .default([], 'none'),
  explainInput: () =>
    new Option(
      '--explain-input <name>',
      'input that takes the picture, for a model with several; default: the first picture input without --input',
    ),
  output: () =>
    new Option(
      '--output <name|n>',
      'output to explain, for a model with several: the name of its layer, or 0, 1, ..',
    ),
  boxes: () =>
    new Option(
      '--boxes <how>',
      "how to read a detector's boxes, separated by commas: yolov5, yolov8, yolox, ssd, none, xywh, xyxy, yxyx, pixels, normalised, score=0.25, iou=0.45, ..",
    ),
  labels: () =>
    new Option(
      '--labels <file>',
      'file of class names: lines, numbered or not, a table, JSON or YAML',
    ),
} satisfies Record<string, () => Option>;

/** Adds flags that several commands share, in the given order, which is their order in the help. */
export function addSharedFlags(
  command: Command,
  names: readonly (keyof typeof sharedFlags)[],
): Command {
  for (const name of names) command.addOption(sharedFlags[name]());
  return command;
}
