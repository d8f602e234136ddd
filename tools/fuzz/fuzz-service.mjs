// @ts-check
/**
 * `node tools/fuzz/fuzz-service.mjs --models <dir> [--requests 100000] [--seed 1]`: sends requests to
 * `gradcam serve` that are made from its own OpenAPI description, right and wrong ones, and demands that none
 * is answered with 500, that every refusal has the one form of refusals, and that the process lives.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startService } from '../bench/running-service.mjs';
import { createRandom } from './random.mjs';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'demo-output/models' },
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
});

/** Requests at the same time. */
const AT_ONCE = 8;

const scene = readFileSync(
  path.join(fileURLToPath(new URL('../..', import.meta.url)), 'demo/scenes/cat-and-dog.png'),
);
const service = await startService([
  '--models',
  values.models,
  '--max-body',
  '1',
  '--timeout',
  '60',
]);
const { port } = new URL(service.url);
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const description = /** @type {any} */ (await (await fetch(`${service.url}/openapi.json`)).json());
/** @type {[method: string, address: string, operation: any][]} */
const operations = Object.entries(description.paths).flatMap(([address, methods]) =>
  Object.entries(/** @type {Record<string, unknown>} */ (methods)).map(
    ([method, operation]) => /** @type {[string, string, any]} */ ([method, address, operation]),
  ),
);

const source = createRandom(Number(values.seed));
const random = () => source.next() / 2 ** 32;
/** @template T @param {readonly T[]} items @returns {T} */
const pick = (items) => /** @type {T} */ (items[Math.floor(random() * items.length)]);

const strange = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1e999',
    'NaN',
    'null',
    'true',
    '[]',
    '{}',
    '../..',
    '/etc/passwd',
    '%00',
  ],
  ...[
    'top1',
    'top99999999',
    'similar:/etc/passwd',
    'region:cat@1,2',
    'pixel:cat@-1,1e9',
    'element:1,1,1',
  ],
  ...[
    'box:1',
    'not:',
    ':',
    '+',
    'auto+auto',
    'a'.repeat(600),
    '\u202e',
    '🐈',
    '__proto__',
    'constructor',
  ],
  ...['0..1', '1..0', 'npy,png,raw', 'overlay,overlay', '00000000000000000000001', '1,2,,3'],
];

/** A value for a schema, usually one that fits. @param {any} schema @returns {unknown} */
function make(schema) {
  if (random() < 0.15) return pick(strange);
  if (schema.enum) return pick(schema.enum);
  if (schema.examples && random() < 0.8) return pick(schema.examples);
  if (schema.anyOf) return make(pick(schema.anyOf));
  if (schema.type === 'integer') return pick([1, 2, 3]);
  if (schema.type === 'number') return random() * 1.2;
  if (schema.type === 'boolean') return random() < 0.5;
  if (schema.type === 'array') return [make(schema.items), make(schema.items)];
  return pick(['demo-resnet', ...strange]);
}

/** A body, whole or damaged, with its type. @returns {[type: string | undefined, body: Buffer]} */
function makeBody() {
  const sort = random();
  const type = pick([
    'image/png',
    'image/*',
    'application/octet-stream',
    'application/json',
    'text/x',
    '',
  ]);
  if (sort < 0.02) return ['image/png', scene];
  if (sort < 0.3) {
    const damaged = Buffer.from(scene.subarray(0, Math.floor(random() * 3000)));
    for (let i = 0; i < 5 && damaged.length > 0; i++) {
      damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
    }
    return [type, damaged];
  }
  if (sort < 0.4) return [type, Buffer.from(String(pick(strange)))];
  if (sort < 0.5) return [undefined, Buffer.alloc(0)];
  const options = JSON.stringify({
    [pick(['target', 'method', 'x', 'save'])]: pick([...strange, 1, null]),
  });
  const picture = random() < 0.03 ? scene : Buffer.from('no picture');
  const edge = pick(['edge', 'edge', 'edge', 'other']);
  const parts = [
    `--edge\r\nContent-Disposition: form-data; name="${pick(['image', 'x', '__proto__', ''])}"; filename="${pick(strange).replaceAll(/[^ -~]/g, '')}"\r\n\r\n`,
    picture,
    `\r\n--edge\r\nContent-Disposition: form-data; name="${pick(['options', 'target', 'y', 'toString'])}"\r\n`,
    pick(['', 'Content-Type: application/json\r\n', 'Content-Type: ;\r\n']),
    `\r\n${random() < 0.2 ? options.slice(0, 7) : options}\r\n`,
    pick(['--edge--\r\n', '--edge--\r\n', '--edge', '']),
  ];
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return [
    `multipart/form-data${pick(['', '; '])}boundary=${edge}`.replace(
      'databoundary',
      'data; boundary',
    ),
    body,
  ];
}

/** @returns {{ method: string, address: string, headers: Record<string, string>, body: Buffer }} */
function makeRequest() {
  const [own, template, operation] = pick(operations);
  const method =
    random() < 0.03 ? pick(['put', 'delete', 'head', 'options', 'patch', 'post']) : own;
  const query = new URLSearchParams();
  let address = template;
  for (const { name, in: place, schema } of operation.parameters ?? []) {
    if (place === 'path')
      address = address.replace(`{${name}}`, encodeURIComponent(String(make(schema))));
    else if (random() < 0.25)
      for (const one of [make(schema)].flat()) query.append(name, String(one));
  }
  if (random() < 0.05) query.append(pick(strange), pick(strange));
  const headers = /** @type {Record<string, string>} */ ({});
  if (random() < 0.2) headers['accept'] = pick(['image/png', 'image/webp', '*/*', 'x', ',;q=']);
  const hasBody = own === 'post' || random() < 0.02;
  const [type, body] = hasBody ? makeBody() : [undefined, Buffer.alloc(0)];
  if (type) headers['content-type'] = type;
  // Node's client sends bodies of HEAD and DELETE without their length.
  if (body.length > 0) headers['content-length'] = String(body.length);
  const search = query.toString();
  return { method, address: search === '' ? address : `${address}?${search}`, headers, body };
}

/** @param {ReturnType<typeof makeRequest>} asked @returns {Promise<[status: number, text: string]>} */
function send({ method, address, headers, body }) {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, agent, path: address, method: method.toUpperCase(), headers },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve([response.statusCode ?? 0, Buffer.concat(chunks).toString('latin1')]),
        );
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** @type {Map<number, number>} */
const seen = new Map();
/** @type {string[]} */
const faults = [];
let left = Number(values.requests);
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (left > 0 && faults.length < 20) {
      left -= 1;
      const asked = makeRequest();
      try {
        const [status, text] = await send(asked);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        const isRefusal = status >= 400 && asked.method !== 'head';
        const isFormed = !isRefusal || /^\{"error":\{"code":"[a-z-]+","message":"/.test(text);
        if (status === 500 || !isFormed)
          faults.push(describe(asked, `${status} ${text.slice(0, 200)}`));
      } catch (error) {
        faults.push(describe(asked, String(error)));
      }
    }
  }),
);

/** @param {ReturnType<typeof makeRequest>} asked @param {string} answer */
function describe({ method, address, headers, body }, answer) {
  const shown = body.subarray(0, 300).toString('latin1');
  return `${method} ${address} ${JSON.stringify(headers)} ${JSON.stringify(shown)}: ${answer}`;
}

const isAlive = service.child.exitCode === null;
await service.stop();
const counts = [...seen].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
console.log(
  `seed ${values.seed}; ${counts.join(', ')}; ${isAlive ? 'the process lives' : 'it died'}`,
);
for (const fault of faults) console.log(fault);
process.exit(faults.length === 0 && isAlive ? 0 : 1);
