/** Of `--explain-input`, which several commands share. */
export const explainInputHelp =
  'input that takes the picture, for a model with several; default: the first picture input without --input';

/** Of `--boxes`. */
export const boxesHelp =
  "how to read a detector's boxes, separated by commas: yolov5, yolov8, ssd, none, xywh, xyxy, yxyx, pixels, normalised, score=0.25, iou=0.45, ..";

/** Of `--crop`. */
export const cropHelp =
  'share of the picture to keep, such as 0.875: of the short side with --fit crop, of both sides with squash';

/** Of `--input`. */
export const inputHelp =
  'value of a further input of the model, the same for every image: a picture, .json or .npy; repeatable';
