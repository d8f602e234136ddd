// @ts-check
/**
 * Is loaded before the command (`--import`), in each of its threads. It counts the calls that change files
 * below a folder, over all threads, and makes one of them fail, do half of its work, or be the last of the
 * process. The plan comes in `$GRADCAM_TORTURE_PLAN`.
 *
 * @typedef {object} Plan
 * @property {string} within calls elsewhere are not counted
 * @property {string} [log] a file that gets a line for each call: number, name, path
 * @property {number} [at] number of the call that meets the fault, from 1
 * @property {'all' | 'writes' | 'partial'} [only] the calls that are counted. `all`: every call that
 *   changes something; `writes`: calls that write, name or flush, but not those that remove; `partial`: calls
 *   that may write less than they were asked to
 * @property {'die' | 'fail' | 'short' | 'remove'} [act]
 * @property {NodeJS.Signals} [signal] for `die`: the signal that the process sends to itself
 * @property {string} [code] for `fail`: the error's code, such as EIO
 * @property {boolean} [lasting] for `fail`: all later counted calls fail too, as on a dead disk
 * @property {string} [folder] for `remove`: the folder that is removed just before the call
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/** @type {Plan} */
const plan = JSON.parse(process.env['GRADCAM_TORTURE_PLAN'] ?? '{"within":"/nowhere"}');
const { only = 'all' } = plan;
const original = { ...fs };

const KEY = 'gradcam-torture-count';
if (isMainThread) setEnvironmentData(KEY, new SharedArrayBuffer(4));
/** The number of calls so far, shared by all threads. */
const count = new Int32Array(/** @type {SharedArrayBuffer} */ (getEnvironmentData(KEY)));

const REMOVING = /^(rm|rmdir|unlink)(Sync)?$/;
const PARTIAL = /^(write|writev)$/;

/** The paths of the files that are open for writing, by their descriptors. */
const openFiles = new Map();
const openHandles = new WeakMap();

/**
 * Runs before each call. It counts the call and decides which fault happens to it.
 *
 * @param {string} name of the function
 * @param {unknown} file
 * @param {() => void} tear function that does half of the call's work
 * @returns {NodeJS.ErrnoException | 'short' | null} the fault of the call; null for none
 */
function meet(name, file, tear) {
  if (typeof file !== 'string') return null;
  const full = path.resolve(file);
  if (full !== plan.within && !full.startsWith(`${plan.within}/`)) return null;
  if (only === 'writes' && REMOVING.test(name)) return null;
  if (only === 'partial' && !PARTIAL.test(name)) return null;
  const number = Atomics.add(count, 0, 1) + 1;
  if (plan.log !== undefined) original.appendFileSync(plan.log, `${number}\t${name}\t${full}\n`);
  const { at = Number.POSITIVE_INFINITY, act, lasting = false } = plan;
  if (number !== at && !(lasting && number > at)) return null;
  if (act === 'short') return 'short';
  if (act === 'remove') {
    original.rmSync(plan.folder ?? '', { recursive: true, force: true });
    return null;
  }
  if (act === 'die') {
    if (plan.signal === 'SIGKILL') attempt(tear);
    process.kill(process.pid, plan.signal);
    return null;
  }
  attempt(tear);
  const code = plan.code ?? 'EIO';
  const error = new Error(`${code}: i/o error, ${name} '${file}'`);
  return Object.assign(error, { errno: -5, code, syscall: name, path: file });
}

/** @param {() => void} work */
function attempt(work) {
  try {
    work();
  } catch {
    // The call has nothing that could be done by half.
  }
}

/** @param {unknown} flags as `open` takes them */
function writes(flags) {
  if (typeof flags === 'number') return (flags & 3) !== 0;
  return typeof flags === 'string' && /[wa+]/.test(flags);
}

/**
 * Returns the first half of the data to write; for a list of pieces, the first half of the first piece.
 *
 * @param {unknown} data
 * @returns {string | Uint8Array}
 */
function halfOf(data) {
  if (typeof data === 'string') return data.slice(0, data.length / 2);
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength >> 1);
  }
  return Array.isArray(data) ? halfOf(data[0]) : '';
}

/**
 * @typedef {Record<string, any>} Functions
 * @typedef {(self: any, args: any[]) => unknown} PathOf
 */

/** @type {PathOf} */
const firstArgument = (_self, [file]) => (file instanceof URL ? file.pathname : file?.toString());
/** @type {PathOf} */
const ofHandle = (self) => openHandles.get(self);
/** @type {PathOf} */
const ofDescriptor = (_self, [fd]) => openFiles.get(fd);

/**
 * @param {Functions} owner
 * @param {string} name
 * @param {object} how
 * @param {PathOf} [how.pathOf]
 * @param {(self: any, args: any[]) => void} [how.tear]
 * @param {(args: any[]) => any[]} [how.shorten]
 * @param {(args: any[]) => boolean} [how.counts]
 * @param {(result: any, args: any[]) => void} [how.done]
 * @param {'promise' | 'callback' | 'sync'} how.style
 */
function wrap(owner, name, { pathOf = firstArgument, tear, shorten, counts, done, style }) {
  const call = owner[name];
  owner[name] = function (/** @type {any[]} */ ...args) {
    const own = counts?.(args) ?? true;
    const fate = own ? meet(name, pathOf(this, args), () => tear?.(this, args)) : null;
    if (fate instanceof Error) {
      if (style === 'sync') throw fate;
      if (style === 'promise') return Promise.reject(fate);
      return void process.nextTick(args.at(-1), fate);
    }
    const given = fate === 'short' && shorten !== undefined ? shorten(args) : args;
    if (style === 'callback' && done !== undefined) {
      const tell = given.at(-1);
      given[given.length - 1] = (/** @type {any} */ error, /** @type {any} */ result) => {
        if (!error) done(result, args);
        tell(error, result);
      };
    }
    const result = call.apply(this, given);
    if (style === 'sync') done?.(result, args);
    if (style === 'promise' && done !== undefined) {
      return result.then((/** @type {any} */ value) => {
        done(value, args);
        return value;
      });
    }
    return result;
  };
}

/** Calls that cannot be done by half: a name exists or it does not. */
const NAMING = ['rename', 'mkdir', 'mkdtemp', 'link', 'symlink', 'copyFile', 'truncate'];
const REMOVALS = ['rm', 'rmdir', 'unlink'];
/** @type {(args: any[]) => boolean} */
const opensForWriting = ([, flags]) => writes(flags);
/** @type {(self: any, args: any[]) => void} */
const tearFile = (_self, [file, data]) => original.writeFileSync(file, halfOf(data));
/** @type {(self: any, args: any[]) => void} */
const tearEnd = (_self, [file, data]) => original.appendFileSync(file, halfOf(data));

const promises = /** @type {Functions} */ (fs.promises);
const functions = /** @type {Functions} */ (fs);
for (const name of [...NAMING, ...REMOVALS]) {
  wrap(promises, name, { style: 'promise' });
  wrap(functions, name, { style: 'callback' });
  wrap(functions, `${name}Sync`, { style: 'sync' });
}
wrap(promises, 'writeFile', { style: 'promise', tear: tearFile });
wrap(promises, 'appendFile', { style: 'promise', tear: tearEnd });
wrap(functions, 'writeFileSync', { style: 'sync', tear: tearFile });
wrap(functions, 'appendFileSync', { style: 'sync', tear: tearEnd });

// Opens a file handle only to find the prototype that all handles share.
const probe = await fs.promises.open(new URL(import.meta.url));
const handles = /** @type {Functions} */ (Object.getPrototypeOf(probe));
await probe.close();
wrap(promises, 'open', {
  style: 'promise',
  counts: opensForWriting,
  done: (handle, args) => {
    if (opensForWriting(args)) openHandles.set(handle, path.resolve(String(args[0])));
  },
});
for (const name of ['write', 'writeFile', 'appendFile']) {
  wrap(handles, name, {
    style: 'promise',
    pathOf: ofHandle,
    tear(handle, [data, offset = 0, length, position]) {
      if (name === 'write' && typeof offset === 'number' && ArrayBuffer.isView(data)) {
        const bytes = /** @type {Uint8Array} */ (data);
        original.writeSync(handle.fd, bytes, offset, (length ?? data.byteLength) >> 1, position);
      } else original.writeSync(handle.fd, /** @type {Uint8Array} */ (halfOf(data)));
    },
    shorten: ([data, offset, length, ...rest]) =>
      typeof length === 'number' ? [data, offset, length >> 1, ...rest] : [halfOf(data)],
  });
}
for (const name of ['sync', 'datasync', 'truncate']) {
  wrap(handles, name, { style: 'promise', pathOf: ofHandle });
}

const remember = (/** @type {number} */ fd, /** @type {any[]} */ args) => {
  if (opensForWriting(args)) openFiles.set(fd, path.resolve(String(args[0])));
  else openFiles.delete(fd);
};
wrap(functions, 'open', { style: 'callback', counts: opensForWriting, done: remember });
wrap(functions, 'openSync', { style: 'sync', counts: opensForWriting, done: remember });
/** @type {(self: any, args: any[]) => void} */
const tearDescriptor = (_self, [fd, data, offset = 0, length]) =>
  void original.writeSync(fd, data, offset, (length ?? data.byteLength) >> 1);
for (const [name, style] of /** @type {const} */ ([
  ['write', 'callback'],
  ['writeSync', 'sync'],
])) {
  wrap(functions, name, {
    style,
    pathOf: ofDescriptor,
    tear: tearDescriptor,
    shorten: ([fd, data, offset, length, ...rest]) => [
      ...[fd, data, offset],
      ...(typeof length === 'number' ? [length >> 1] : [length]),
      ...rest,
    ],
  });
}
wrap(functions, 'writev', { style: 'callback', pathOf: ofDescriptor });
wrap(functions, 'fsync', { style: 'callback', pathOf: ofDescriptor });
wrap(functions, 'fsyncSync', { style: 'sync', pathOf: ofDescriptor });

syncBuiltinESMExports();
