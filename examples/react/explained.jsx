import { explain, overlayImageData } from '@gradcam/core/browser';
import { useEffect, useRef, useState } from 'react';

/** An image with the map of a class over it. */
export function Explained({ image, model, name }) {
  const canvas = useRef(null);
  const [said, setSaid] = useState('');

  useEffect(() => {
    const stop = new AbortController();
    explain(image, { model, targets: [name], signal: stop.signal }).then(
      (picture) => {
        if (stop.signal.aborted) return;
        const overlay = overlayImageData(picture);
        [canvas.current.width, canvas.current.height] = [overlay.width, overlay.height];
        canvas.current.getContext('2d').putImageData(overlay, 0, 0);
        const [{ target, peak }] = picture.explanations;
        setSaid(`${target.label}: strongest at ${peak.x}, ${peak.y}`);
      },
      (error) => {
        if (!stop.signal.aborted) setSaid(error.message);
      },
    );
    // Another image, or the component leaves the page.
    return () => stop.abort();
  }, [image, model, name]);

  return (
    <figure>
      <canvas ref={canvas} />
      <figcaption id="here">{said}</figcaption>
    </figure>
  );
}
