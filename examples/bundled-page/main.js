import { explain, overlayImageData } from '@gradcam/core/browser';

const [image, model] = ['cat-and-dog.png', 'demo-resnet/'];

const cat = await explain(image, { model, targets: ['cat'] });
document.querySelector('canvas').getContext('2d').putImageData(overlayImageData(cat), 0, 0);
const [{ target, peak }] = cat.explanations;
document.querySelector('#here').textContent = `${target.label}: strongest at ${peak.x}, ${peak.y}`;

// The same in a worker, which leaves the page free while the net is computed. A worker's addresses begin at
// its own file, so these are whole.
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
worker.onmessage = ({ data: { said, overlay } }) => {
  document.querySelector('img').src = URL.createObjectURL(overlay);
  document.querySelector('#in-worker').textContent = said;
};
const whole = (address) => new URL(address, document.baseURI).href;
worker.postMessage({ image: whole(image), model: whole(model), name: 'dog' });
