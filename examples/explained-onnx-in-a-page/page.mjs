import { openExplained, runExplained } from './run-explained.mjs';

const query = new URLSearchParams(location.search);
const session = await openExplained(query.get('model'));
const [, height, width] = session.inputMetadata[0].shape;
const canvas = Object.assign(document.querySelector('canvas'), { width, height });
const context = canvas.getContext('2d');

const picture = await createImageBitmap(await (await fetch(query.get('image'))).blob());
context.drawImage(picture, 0, 0, width, height);
const { data } = context.getImageData(0, 0, width, height);
const rgb = data.filter((_, i) => i % 4 !== 3);
const { class: index, probabilities, heatmap } = await runExplained(session, rgb);

// The heatmap as transparency of red over the picture.
const overlay = new ImageData(width, height);
heatmap.data.forEach((value, i) => overlay.data.set([255, 0, 0, 160 * value], i * 4));
context.drawImage(await createImageBitmap(overlay), 0, 0);
const best = Number(index.data[0]);
const percent = (100 * probabilities.data[best]).toFixed(1);
document.querySelector('#answer').textContent = `class ${best}, ${percent} %`;
