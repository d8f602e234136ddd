import { useEffect, useRef } from 'preact/hooks';
import type { ImageSize, Patch } from '../edit/edit.ts';
import type { EditAction } from './edit-state.ts';

/** Arrow keys as directions. */
const arrows: Readonly<Record<string, readonly [across: number, down: number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/** One press of an arrow key, as a share of the image's longer side. */
const STEP = 1 / 64;

type Point = Readonly<Record<'x' | 'y', number>>;

/**
 * The rectangle over the image that the next edit changes. A drag draws it, or moves it while the patch is
 * being moved; the arrow keys move it, and with Shift they change its size.
 */
export function PatchSelector(props: {
  image: ImageSize;
  patch: Patch;
  isMoving: boolean;
  edit: (action: EditAction) => void;
}) {
  const { image, patch, isMoving, edit } = props;
  const element = useRef<HTMLDivElement>(null);
  const start = useRef<{ readonly at: Point; readonly patch: Patch } | null>(null);

  // The button that was pressed is gone, so the keyboard goes on here.
  useEffect(() => element.current?.focus({ preventScroll: true }), [isMoving]);

  const drag = (event: PointerEvent): void => {
    if (start.current === null || element.current === null) return;
    const { at, patch: first } = start.current;
    const to = pointOf(event, element.current, image);
    const placed = isMoving
      ? { ...first, x: first.x + to.x - at.x, y: first.y + to.y - at.y }
      : rectangleBetween(at, to);
    edit({ type: 'placed', patch: placed });
  };
  const press = (event: KeyboardEvent): void => {
    const arrow = arrows[event.key];
    if (arrow !== undefined) {
      const [across, down] = arrow.map(
        (way) => way * Math.max(1, Math.round(STEP * Math.max(image.width, image.height))),
      ) as [number, number];
      const { x, y, width, height } = patch;
      const placed =
        event.shiftKey && !isMoving
          ? sizedPatch(patch, width + across, height + down, image)
          : { ...patch, x: x + across, y: y + down };
      edit({ type: 'placed', patch: placed });
    } else if (isMoving && event.key === 'Enter') edit({ type: 'move-ended' });
    else if (isMoving && event.key === 'Escape') edit({ type: 'move-cancelled' });
    else return;
    // Otherwise the arrow keys would move the value cursor too.
    event.preventDefault();
    event.stopPropagation();
  };
  const { x, y, width, height } = patch;
  const outline = `M${x} ${y}h${width}v${height}h${-width}z`;
  return (
    <div
      ref={element}
      class={isMoving ? 'patch-selector patch-selector-moving' : 'patch-selector'}
      tabIndex={0}
      role="group"
      aria-label={
        isMoving
          ? 'New place of the patch; the arrow keys move it, Enter puts it there, Escape leaves it where it was'
          : 'Patch to edit; the arrow keys move it, with Shift they change its size'
      }
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { at: pointOf(event, event.currentTarget, image), patch };
      }}
      onPointerMove={drag}
      onPointerUp={() => (start.current = null)}
      onPointerCancel={() => (start.current = null)}
      onKeyDown={press}
    >
      <svg class="marks" viewBox={`0 0 ${image.width} ${image.height}`} aria-hidden="true">
        <path class="mark-under" d={outline} />
        <path class="mark-over patch-outline" d={outline} />
      </svg>
    </div>
  );
}

/** The place of the pointer in pixels of the image. */
function pointOf(event: PointerEvent, area: Element, image: ImageSize): Point {
  const { left, top, width, height } = area.getBoundingClientRect();
  const share = (part: number): number => Math.min(1, Math.max(0, part));
  return {
    x: share((event.clientX - left) / width) * image.width,
    y: share((event.clientY - top) / height) * image.height,
  };
}

function rectangleBetween(a: Point, b: Point): Patch {
  const [x, y] = [Math.floor(Math.min(a.x, b.x)), Math.floor(Math.min(a.y, b.y))];
  return { x, y, width: Math.max(a.x, b.x) - x, height: Math.max(a.y, b.y) - y };
}

/** The patch with another size and the same upper left corner, as far as the image goes. */
function sizedPatch(patch: Patch, width: number, height: number, image: ImageSize): Patch {
  return {
    ...patch,
    width: Math.min(width, image.width - patch.x),
    height: Math.min(height, image.height - patch.y),
  };
}
