import type { ResultLine } from '@gradcam/core';
import type { ComponentChildren } from 'preact';
import type { Place } from '../map/probe.ts';

/** Arrow keys as steps in rows and columns. */
const arrowSteps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/**
 * The area in which a picture is shown as large as the space allows. It reports the place under the
 * pointer.
 */
export function Stage(props: {
  line: Pick<ResultLine, 'width' | 'height'>;
  label: string;
  caption?: string | undefined;
  onPoint: (place: Place | null, isDragged: boolean) => void;
  onStep: (rows: number, columns: number) => void;
  children: ComponentChildren;
}) {
  const { line, label, caption, onPoint, onStep, children } = props;
  const point = (event: PointerEvent): void => {
    if (!(event.currentTarget instanceof HTMLElement)) return;
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const across = (event.clientX - left) / width;
    const down = (event.clientY - top) / height;
    const isOver = across >= 0 && across < 1 && down >= 0 && down < 1;
    onPoint(isOver ? { across, down } : null, (event.buttons & 1) === 1);
  };
  return (
    <div class="stage">
      {caption !== undefined && <p class="stage-caption">{caption}</p>}
      <div class="stage-room">
        <div
          class="stage-picture"
          style={{ '--ratio': line.width / line.height }}
          tabIndex={0}
          role="group"
          aria-label={label}
          onPointerDown={point}
          onPointerMove={point}
          onPointerLeave={() => onPoint(null, false)}
          onKeyDown={(event) => {
            const step = arrowSteps[event.key];
            if (step === undefined) return;
            // In other places the arrow keys scroll the page or go to another image.
            event.preventDefault();
            event.stopPropagation();
            onStep(...step);
          }}
        >
          {children}
        </div>
      </div>
    </div>
  );
}
