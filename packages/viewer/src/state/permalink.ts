import { colormapNames } from '@gradcam/core';
import {
  certainties,
  comparisons,
  defaultView,
  orders,
  pictureKinds,
  selections,
  sheets,
  type View,
} from './view.ts';

/** How a part of the view is written into a permalink and read from it. */
interface Field<T> {
  readonly name: string;
  write(value: T): string;
  /** undefined for a text that nothing writes. */
  read(text: string): T | undefined;
}

const fields: { readonly [K in keyof View]: Field<View[K]> } = {
  query: textField('q'),
  selection: choiceField('show', selections),
  predicted: {
    name: 'class',
    write: (index) => String(index),
    read: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  },
  certainty: choiceField('certainty', certainties),
  order: choiceField('order', orders),
  image: textField('image'),
  explanation: textField('map'),
  sheet: choiceField('sheet', sheets),
  picture: choiceField('picture', pictureKinds),
  marks: {
    name: 'marks',
    write: (marks) => (marks ? 'on' : 'off'),
    read: (text) => (text === 'on' || text === 'off' ? text === 'on' : undefined),
  },
  comparison: choiceField('compare', comparisons),
  against: textField('with'),
  swipe: numberField('swipe', 0, 1),
  colormap: choiceField('colormap', colormapNames),
  opacity: numberField('opacity', 0, 1),
  threshold: numberField('threshold', 0, 1),
  gamma: numberField('gamma', 0.2, 5),
};

const keys = Object.keys(fields) as (keyof View)[];

/** The fragment of a view's permalink, `#` included; empty for the default view. */
export function writePermalink(view: View): string {
  const parameters = new URLSearchParams();
  for (const key of keys) writeField(parameters, view, key);
  const text = parameters.toString();
  return text === '' ? '' : `#${text}`;
}

/** The view of a permalink's fragment; what it does not know falls back to the default. */
export function readPermalink(fragment: string): View {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const view: View = { ...defaultView };
  for (const key of keys) readField(parameters, view, key);
  return view;
}

function writeField<K extends keyof View>(parameters: URLSearchParams, view: View, key: K): void {
  const value = view[key];
  if (value !== defaultView[key] && value !== null) {
    parameters.set(fields[key].name, fields[key].write(value));
  }
}

function readField<K extends keyof View>(
  parameters: URLSearchParams,
  view: { -readonly [P in keyof View]: View[P] },
  key: K,
): void {
  const text = parameters.get(fields[key].name);
  const value = text === null ? undefined : fields[key].read(text);
  if (value !== undefined) view[key] = value;
}

// The fields write no null: a part of the view that is null is left out.

function textField<T extends string | null>(name: string): Field<T> {
  return { name, write: (value) => value ?? '', read: (text) => text as T };
}

function choiceField<T extends string | null>(
  name: string,
  choices: readonly (T & string)[],
): Field<T> {
  return {
    name,
    write: (value) => value ?? '',
    read: (text) => choices.find((choice) => choice === text),
  };
}

function numberField<T extends number | null>(
  name: string,
  lowest: number,
  highest: number,
): Field<T> {
  return {
    name,
    write: (value) => String(value),
    read: (text) => {
      const value = text.trim() === '' ? NaN : Number(text);
      // NaN is in no range.
      return value >= lowest && value <= highest ? (value as T) : undefined;
    },
  };
}
