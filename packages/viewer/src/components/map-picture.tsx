import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { useState } from 'preact/hooks';
import { fileAddress } from '../run/file-address.ts';
import type { PictureKind } from '../state/view.ts';
import { choosePicture } from './choose-picture.ts';
import { MapMarks } from './map-marks.tsx';
import { usePictureTurn } from './use-picture-turn.ts';

/** A picture of an explanation with its box and peak, scaled to the available space. */
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
    <span class="picture" style={{ '--ratio': line.width / line.height }}>
      <DecodedImage
        source={fileAddress(base, chosen.path)}
        width={line.width}
        height={line.height}
        alt={alt}
        onError={() => setBroken(true)}
      />
      {marks && <MapMarks line={line} explanation={explanation} />}
    </span>
  );
}

/**
 * An image that is fetched when its turn comes and shown after it is decoded. An image that is shown
 * earlier is decoded while the page is drawn, and the frame waits for it: 5 to 8 ms for each of the dozen
 * images that one step of the mouse wheel may bring.
 */
function DecodedImage(props: {
  source: string;
  width: number;
  height: number;
  alt: string;
  onError: () => void;
}) {
  const { source, onError, ...attributes } = props;
  const turn = usePictureTurn();
  const show = async (image: HTMLImageElement): Promise<void> => {
    // Decoding fails if the picture was replaced in the meantime. The image is shown anyway, because it was
    // loaded.
    await image.decode().catch(() => undefined);
    image.dataset['decoded'] = '';
    turn.end();
  };
  return (
    <img
      {...attributes}
      src={turn.hasCome ? source : undefined}
      decoding="async"
      onLoad={(event) => void show(event.currentTarget)}
      onError={onError}
    />
  );
}
