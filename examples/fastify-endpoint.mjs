// Usage: node examples/fastify-endpoint.mjs <model folder> [port]
// An endpoint in a server of your own: POST an image, and the overlay of the best class comes back as PNG.
//   curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' 'http://127.0.0.1:3000/?class=cat' -o cat.png
// `gradcam serve` is a whole service: docs/service.md.
import * as gradcam from '@gradcam/core/node';
import Fastify from 'fastify';

const [model, port = '3000'] = process.argv.slice(2);
const app = Fastify({ bodyLimit: 16 * 1024 * 1024 });
app.addContentTypeParser(/^image\//, { parseAs: 'buffer' }, async (_request, body) => body);

// One image after the other: ONNX Runtime uses all cores for one.
let previous = Promise.resolve();
const inTurn = (work) => {
  const turn = previous.then(work);
  previous = turn.catch(() => {});
  return turn;
};

app.post('/', async (request, reply) => {
  const { class: name } = request.query;
  const options = name === undefined ? { model } : { model, targets: [name] };
  try {
    const picture = await inTurn(() => gradcam.explain(request.body, options));
    const [{ target, peak }] = picture.explanations;
    reply.header('x-class', encodeURIComponent(target.label));
    reply.header('x-strongest-at', `${peak.x},${peak.y}`);
    return await reply.type('image/png').send(await gradcam.overlayPng(picture));
  } catch (error) {
    // A class that the model lacks, or bytes that are no image: the message says which.
    if (error.name !== 'GradcamError') throw error;
    return reply.code(400).send({ error: error.message });
  }
});

app.addHook('onClose', () => gradcam.disposeModels());
console.log(await app.listen({ port: Number(port) }));
