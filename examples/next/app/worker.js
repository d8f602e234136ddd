import { explain, overlayPng } from '@gradcam/core/browser';

self.onmessage = async ({ data: { image, model, name } }) => {
  const picture = await explain(image, { model, targets: [name] });
  const [{ target, peak }] = picture.explanations;
  self.postMessage({
    said: `${target.label}: strongest at ${peak.x}, ${peak.y}`,
    overlay: await overlayPng(picture),
  });
};
