import { certainties, colormapNames, gradientStyles } from '@gradcam/core';
import {
  choiceField,
  countField,
  createPermalinks,
  numberField,
  switchField,
  textField,
} from './permalink-fields.ts';
import {
  comparisons,
  defaultView,
  orders,
  pictureKinds,
  selections,
  sheets,
  type View,
} from './view.ts';

/** Permalinks of the page of a run. */
export const { write: writePermalink, read: readPermalink } = createPermalinks<View>(
  {
    query: textField('q'),
    selection: choiceField('show', selections),
    predicted: countField('class'),
    truth: countField('true'),
    certainty: choiceField('certainty', certainties),
    order: choiceField('order', orders),
    size: numberField('size', 14, 42),
    image: textField('image'),
    explanation: textField('map'),
    sheet: choiceField('sheet', sheets),
    picture: choiceField('picture', pictureKinds),
    marks: switchField('marks'),
    comparison: choiceField('compare', comparisons),
    against: textField('with'),
    swipe: numberField('swipe', 0, 1),
    colormap: choiceField('colormap', colormapNames),
    opacity: numberField('opacity', 0, 1),
    threshold: numberField('threshold', 0, 1),
    gamma: numberField('gamma', 0.2, 5),
    gradients: choiceField('gradients', gradientStyles),
  },
  defaultView,
);
