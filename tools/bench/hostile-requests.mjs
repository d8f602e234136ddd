// @ts-check
/**
 * Sends hostile requests to a service until its standard input is closed, and prints how many of each kind
 * were sent and how they were answered: node tools/bench/hostile-requests.mjs <url> <requests a second of
 * each kind>. `hostile-rows.mjs` starts it as a process of its own, so that the times of other clients are
 * measured by a process that does nothing else.
 */
import { connect } from 'node:net';
import { deflateSync } from 'node:zlib';

const [, , address = '', perSecond = '10'] = process.argv;
const { hostname, port, host } = new URL(address);
const token = process.env['GRADCAM_TOKEN'] ?? '';

/** Bodies that arrive byte by byte, at the same time. */
const SLOW_AT_ONCE = 50;

const allowed = `Host: ${host}\r\nAuthorization: Bearer ${token}\r\n`;

/** @param {string} type @param {Buffer | string} body @param {string} [path] */
function post(type, body, path = '/v1/explain?model=demo-resnet') {
  const head = `POST ${path} HTTP/1.1\r\n${allowed}Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(/** @type {Buffer} */ (body))]);
}

/**
 * A PNG of one colour whose header says 7000 x 7000 pixels, just below the service's limit, with the data of
 * `rows` rows.
 *
 * @param {number} size pixels along each side
 * @param {number} rows
 */
function makeBomb(size, rows) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc(rows * (1 + 3 * size)));
  const chunks = [chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** @param {Buffer} bytes */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const deep = `{"target":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
const form = (/** @type {string} */ name, /** @type {string} */ value) =>
  `--edge\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--edge--\r\n`;

/** What each kind sends. A half body is cut off after it was sent. */
const kinds = {
  'wrong type': () => post('text/html', '<p>'),
  'half body': () => post('image/png', makeBomb(64, 64)).subarray(0, -40),
  'bomb above the limit': () => post('image/png', makeBomb(40_000, 1)),
  'bomb below the limit': () => post('image/png', makeBomb(7000, 1)),
  'deep JSON': () => post('multipart/form-data; boundary=edge', form('options', deep)),
  'flood of headers': () =>
    Buffer.from(
      `GET /v1/models HTTP/1.1\r\n${allowed}${Array.from({ length: 900 }, (_, i) => `X-${i}: ${'a'.repeat(20)}\r\n`).join('')}\r\n`,
    ),
  'guessed token': () =>
    Buffer.from(
      `GET /v1/models HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${Math.random()}\r\nConnection: close\r\n\r\n`,
    ),
  'path out of the folder': () =>
    post('image/png', 'x', '/v1/explain?model=..%2F..%2Fetc%2Fpasswd'),
};

/** @type {Record<string, Record<string, number>>} */
const seen = {};
let isOver = false;

/**
 * Sends bytes on a connection of their own, and counts the status of the answer.
 *
 * @param {string} kind
 * @param {Buffer} bytes
 * @returns {Promise<void>}
 */
function send(kind, bytes) {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let text = '';
    socket.on('connect', () => {
      if (kind === 'half body') socket.end(bytes);
      else socket.write(bytes);
    });
    socket.on('data', (data) => (text += data.toString('latin1').slice(0, 32)));
    socket.on('error', () => {});
    socket.on('close', () => {
      const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 'closed';
      const counts = (seen[kind] ??= {});
      counts[status] = (counts[status] ?? 0) + 1;
      resolve();
    });
  });
}

/** A body that arrives byte by byte, begun again whenever the service has closed it. */
async function trickle() {
  while (!isOver) {
    await new Promise((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) });
      socket.on('connect', () =>
        socket.write(
          `POST /v1/explain HTTP/1.1\r\n${allowed}Content-Type: image/png\r\nContent-Length: 50000\r\n\r\n`,
        ),
      );
      const timer = setInterval(() => socket.write('a'), 500);
      socket.on('data', () => {});
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(timer);
        resolve(null);
      });
    });
  }
}

process.stdin.resume();
process.stdin.on('end', () => {
  isOver = true;
  process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0));
});
for (let i = 0; i < SLOW_AT_ONCE; i++) void trickle();
const requests = Object.entries(kinds).map(([kind, make]) => ({ kind, bytes: make, sent: 0 }));
const prepared = requests.map(({ kind, bytes }) => ({ kind, bytes: bytes() }));
setInterval(
  () => {
    for (const { kind, bytes } of prepared) {
      void send(kind, kind === 'guessed token' ? kinds['guessed token']() : bytes);
    }
  },
  1000 / Number(perSecond),
);
