import type { RunFile } from '@gradcam/core';
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { countWordRows, measureProperties, pictureWidth } from '../grid/card-measures.ts';
import { planGrid, rowsWithin, type GridPlan } from '../grid/plan-grid.ts';
import type { Entry } from '../run/entry.ts';
import type { PictureSource } from '../run/picture-source.ts';
import type { Action } from '../state/state.ts';
import { CardBox } from './card-box.tsx';
import { FailedCard } from './failed-card.tsx';
import { ImageCard } from './image-card.tsx';
import { useCards } from './use-cards.ts';
import { useWindowStretch } from './use-window-stretch.ts';

/**
 * Pixels that are drawn beyond the window's edges, which is also the distance that the grid scrolls before
 * it is drawn again.
 */
const OVERSCAN = 600;
const STEP = 200;

interface GridProps {
  pictures: PictureSource;
  entries: readonly Entry[];
  isEmptyRun: boolean;
  status: RunFile['status'];
  marks: boolean;
  /** The least width of a card, in rem. */
  size: number;
  /** The key of the image that is enlarged over the grid, or null. */
  current: string | null;
  dispatch: (action: Action) => void;
}

/** The grid of all images that pass the filters. */
export function ImageGrid(props: GridProps) {
  if (props.entries.length > 0) return <Cards {...props} />;
  return <p class="grid-empty">{explainEmpty(props.isEmptyRun, props.status)}</p>;
}

/** Places the cards. Even of ten thousand images, only the cards near the window are in the page. */
function Cards({ pictures, entries, marks, size, current, dispatch }: GridProps) {
  const list = useRef<HTMLUListElement>(null);
  const stretch = useWindowStretch(list, STEP);
  const width = stretch?.width ?? 0;
  const plan = useMemo(() => planGrid(entries, width, remInPixels(), size), [entries, width, size]);
  const [start, end] =
    stretch === null ? [0, 0] : rowsWithin(plan, stretch.from - OVERSCAN, stretch.to + OVERSCAN);
  const first = start * plan.columns;
  const makers = useMemo(() => {
    const place = (index: number, card: ComponentChildren) => (
      <li
        key={entries[index]!.key}
        data-index={index}
        aria-setsize={entries.length}
        aria-posinset={index + 1}
        style={placeCard(plan, index)}
      >
        {card}
      </li>
    );
    const make = (index: number) => {
      const entry = entries[index]!;
      if (entry.kind === 'failed') return place(index, <FailedCard entry={entry} />);
      const shape = { width: plan.cardWidth, isMany: plan.isMany };
      const base = pictures(pictureWidth(shape) * devicePixelRatio);
      return place(
        index,
        <ImageCard
          base={base}
          entry={entry}
          marks={marks}
          isMany={plan.isMany}
          wordRows={countWordRows(entry.line, shape, remInPixels())}
          dispatch={dispatch}
        />,
      );
    };
    const makeBox = (index: number) => place(index, <CardBox name={entries[index]!.name} />);
    return { make, makeBox, keyOf: (index: number) => entries[index]!.key };
  }, [pictures, entries, plan, marks, dispatch]);
  useFollow(list, plan, entries, current);
  const last = Math.min(entries.length, end * plan.columns);
  const cards = useCards(makers, first, last, {
    isRushing: stretch?.isRushing ?? false,
    urgent: current,
  });
  return (
    <ul
      ref={list}
      class="grid"
      aria-label="Images"
      style={{ ...measureProperties, height: `${plan.height}px` }}
    >
      {cards}
    </ul>
  );
}

/**
 * Keeps the enlarged image's card in the window while the reader steps from image to image. When the dialog
 * closes, that card gets the focus, because the card from which the dialog was opened may no longer be in
 * the page.
 */
function useFollow(
  list: RefObject<HTMLElement | null>,
  plan: GridPlan,
  entries: readonly Entry[],
  current: string | null,
): void {
  const last = useRef<number>(-1);
  useEffect(() => {
    if (current === null) {
      const isLost = document.activeElement === document.body;
      const card = list.current?.querySelector(`[data-index="${last.current}"] button`);
      if (isLost && card instanceof HTMLElement) card.focus({ preventScroll: true });
      last.current = -1;
      return;
    }
    last.current = entries.findIndex(({ key }) => key === current);
    const row = plan.rows[Math.floor(last.current / plan.columns)];
    if (row === undefined || list.current === null) return;
    const top = list.current.getBoundingClientRect().top + row.top;
    const isSeen = top >= 0 && top + row.height <= innerHeight;
    if (!isSeen) scrollBy({ top: top - (innerHeight - row.height) / 2, behavior: 'instant' });
  }, [current]);
}

/** The cards of a row are as high as its highest one, so that no row is ragged. */
function placeCard({ columns, cardWidth, gap, rows }: GridPlan, index: number) {
  const left = (index % columns) * (cardWidth + gap);
  const { top, height } = rows[Math.floor(index / columns)]!;
  return {
    width: `${cardWidth}px`,
    height: `${height}px`,
    transform: `translate(${left}px, ${top}px)`,
  };
}

function remInPixels(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

function explainEmpty(isEmptyRun: boolean, status: RunFile['status']): string {
  if (!isEmptyRun) return 'No image passes the filters.';
  if (status === 'running') return 'No image is explained yet; images appear here one by one.';
  return 'This run holds no images.';
}
