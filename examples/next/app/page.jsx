'use client';
import { useEffect, useRef, useState } from 'react';

export default function Page() {
  const [canvas, overlay] = [useRef(null), useRef(null)];
  const [here, setHere] = useState('');
  const [inWorker, setInWorker] = useState('');

  useEffect(() => {
    explainHere(canvas.current).then(setHere, (error) => setHere(error.message));
    return explainInWorker(overlay.current, setInWorker);
  }, []);

  return (
    <main>
      <canvas ref={canvas} width="256" height="256" />
      <p id="here">{here}</p>
      <img ref={overlay} alt="" />
      <p id="in-worker">{inWorker}</p>
    </main>
  );
}

async function explainHere(canvas) {
  // Loaded here, because the server renders this page too and has no canvas.
  const { explain, overlayImageData } = await import('@gradcam/core/browser');
  const cat = await explain('/cat-and-dog.png', { model: '/demo-resnet/', targets: ['cat'] });
  canvas.getContext('2d').putImageData(overlayImageData(cat), 0, 0);
  const [{ target, peak }] = cat.explanations;
  return `${target.label}: strongest at ${peak.x}, ${peak.y}`;
}

function explainInWorker(img, say) {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data: { said, overlay } }) => {
    img.src = URL.createObjectURL(overlay);
    say(said);
  };
  const whole = (address) => new URL(address, location.origin).href;
  worker.postMessage({
    image: whole('/cat-and-dog.png'),
    model: whole('/demo-resnet/'),
    name: 'dog',
  });
  return () => worker.terminate();
}
