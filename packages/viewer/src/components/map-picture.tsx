import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { useState } from 'preact/hooks';
import { fileAddress } from '../run/file-address.ts';
import type { PictureKind } from '../state/view.ts';
import { MapMarks } from './map-marks.tsx';

/** The picture to show: the wanted kind, or the next best that the run holds. */
export function choosePicture(
  files: ResultExplanation['files'],
  wanted: PictureKind,
): { kind: PictureKind; path: string } | null {
  for (const kind of [wanted, 'overlay', 'heatmap', 'original'] as const) {
    const path = files[kind];
    if (path !== undefined) return { kind, path };
  }
  return null;
}

/**
 * A picture of an explanation with its box and peak, fitted into whatever room it has.
 *
 * It is shown when it is decoded: a picture that is shown before is decoded while the page is drawn, and
 * the frame waits for it: 5 to 8 ms for each of the dozen that a step of the wheel may bring.
 */
export function MapPicture(props: {
  base: string;
  line: ResultLine;
  explanation: ResultExplanation;
  picture: PictureKind;
  marks: boolean;
  alt: string;
}) {
  const { base, line, explanation, marks, alt } = props;
  const chosen = choosePicture(explanation.files, props.picture);
  const [isBroken, setBroken] = useState(false);
  if (chosen === null) {
    return <span class="picture picture-none">no picture was saved</span>;
  }
  if (isBroken) return <span class="picture picture-none">the picture cannot be read</span>;
  return (
    <span class="picture">
      <img
        src={fileAddress(base, chosen.path)}
        alt={alt}
        width={line.width}
        height={line.height}
        loading="lazy"
        decoding="async"
        onLoad={(event) => void showDecoded(event.currentTarget)}
        onError={() => setBroken(true)}
      />
      {marks && <MapMarks line={line} explanation={explanation} />}
    </span>
  );
}

async function showDecoded(image: HTMLImageElement): Promise<void> {
  // It fails where the picture has been replaced meanwhile; whatever it is, it was loaded.
  await image.decode().catch(() => undefined);
  image.dataset['decoded'] = '';
}
