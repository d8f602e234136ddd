import { defaultView, pictureKinds, selections, type View } from './view.ts';

/** The fragment of a view's permalink, `#` included; empty for the default view. */
export function writePermalink(view: View): string {
  const fields = new URLSearchParams();
  if (view.query !== '') fields.set('q', view.query);
  if (view.selection !== defaultView.selection) fields.set('show', view.selection);
  if (view.image !== null) fields.set('image', view.image);
  if (view.explanation !== null) fields.set('map', view.explanation);
  if (view.picture !== defaultView.picture) fields.set('picture', view.picture);
  if (!view.marks) fields.set('marks', 'off');
  const text = fields.toString();
  return text === '' ? '' : `#${text}`;
}

/** The view of a permalink's fragment; what it does not know falls back to the default. */
export function readPermalink(fragment: string): View {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  return {
    query: fields.get('q') ?? defaultView.query,
    selection: oneOf(selections, fields.get('show')) ?? defaultView.selection,
    image: fields.get('image'),
    explanation: fields.get('map'),
    picture: oneOf(pictureKinds, fields.get('picture')) ?? defaultView.picture,
    marks: fields.get('marks') !== 'off',
  };
}

function oneOf<T extends string>(names: readonly T[], text: string | null): T | undefined {
  return names.find((name) => name === text);
}
