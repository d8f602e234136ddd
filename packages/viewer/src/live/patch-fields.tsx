import type { ImageSize, Patch } from '../edit/edit.ts';
import type { EditAction } from './edit-state.ts';

const fields = [
  ['x', 'Left'],
  ['y', 'Top'],
  ['width', 'Width'],
  ['height', 'Height'],
] as const;

/** The numbers of the patch, for those who do not drag, and for exact places. */
export function PatchFields(props: {
  placed: Patch;
  image: ImageSize;
  /** A patch that is being moved keeps its size. */
  isMoving: boolean;
  edit: (action: EditAction) => void;
}) {
  const { placed, image, isMoving, edit } = props;
  const most = {
    x: image.width - (isMoving ? placed.width : 1),
    y: image.height - (isMoving ? placed.height : 1),
    width: image.width - placed.x,
    height: image.height - placed.y,
  };
  const change = (name: keyof Patch, text: string): void => {
    const value = Number(text);
    // While a number is being typed, it may be none.
    if (text === '' || Number.isNaN(value)) return;
    const wanted = { ...placed, [name]: value };
    // A patch that is placed nearer to the border becomes smaller; its other corner stays in the image.
    const size = isMoving
      ? {}
      : {
          width: Math.min(wanted.width, image.width - wanted.x),
          height: Math.min(wanted.height, image.height - wanted.y),
        };
    edit({ type: 'placed', patch: { ...wanted, ...size } });
  };
  return (
    <fieldset class="patch-fields">
      <legend class="visually-hidden">Patch, in pixels of the image</legend>
      {fields.map(([name, label]) => (
        <label key={name}>
          {label}
          <input
            type="number"
            min={name === 'x' || name === 'y' ? 0 : 1}
            max={most[name]}
            value={placed[name]}
            disabled={isMoving && (name === 'width' || name === 'height')}
            onInput={(event) => change(name, event.currentTarget.value)}
          />
        </label>
      ))}
      <span>of {`${image.width} × ${image.height} px`}</span>
    </fieldset>
  );
}
