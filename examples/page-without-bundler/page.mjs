import { explain, overlayImageData } from '@gradcam/core/browser';

// In the address: ?image=photo.jpg&model=models/demo-resnet/&class=cat
const asked = new URLSearchParams(location.search);
const picture = await explain(asked.get('image'), {
  model: asked.get('model'),
  targets: [asked.get('class') ?? 0],
});

const overlay = overlayImageData(picture);
const canvas = document.querySelector('canvas');
[canvas.width, canvas.height] = [overlay.width, overlay.height];
canvas.getContext('2d').putImageData(overlay, 0, 0);
const [{ target, peak }] = picture.explanations;
document.querySelector('#here').textContent = `${target.label}: strongest at ${peak.x}, ${peak.y}`;
