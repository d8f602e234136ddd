import { describe, expect, test } from 'vitest';
import { buildZip } from '../../support/build-zip.ts';
import { digestChunks, readFixture } from '../../support/fixtures.ts';
import { openBytes } from '../../support/torch-nets.ts';

/** Reads all tensors of a file; the error, or how many there were. */
async function read(bytes: Uint8Array, name = 'x.pth'): Promise<string> {
  try {
    const file = await openBytes(name, new Uint8Array(bytes));
    for (const tensor of file.tensors) await digestChunks(tensor.chunks());
    return `${file.tensors.length} tensors`;
  } catch (error) {
    return String(error);
  }
}

/** A pickle of texts and bytes. */
function pickle(...parts: (string | readonly number[])[]): Uint8Array {
  const bytes = parts.flatMap((part) =>
    typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part,
  );
  return Uint8Array.from([0x80, 2, ...bytes, 0x2e]);
}

/** An archive with one storage of eight floats. */
function archive(content: Uint8Array, ...more: [string, Uint8Array][]): Uint8Array {
  return buildZip([['x/data.pkl', content], ['x/data/0', new Uint8Array(32)], ...more]);
}

const text = (value: string): number[] => [0x58, value.length, 0, 0, 0, ...Buffer.from(value)];
const number = (value: number): number[] => {
  const bytes = new Uint8Array(new BigInt64Array([BigInt(value)]).buffer);
  return [0x8a, 8, ...bytes];
};
const tuple = (...values: number[][]): number[] => [0x28, ...values.flat(), 0x74];

/** A dict with one tensor of the storage `key`. */
function tensor(
  shape: number[],
  strides: number[],
  { offset = 0, count = 8, key = '0' } = {},
): Uint8Array {
  const storage = tuple(
    text('storage'),
    [...Buffer.from('ctorch\nFloatStorage\n')],
    text(key),
    text('cpu'),
    number(count),
  );
  const args = tuple(
    [...storage, 0x51],
    number(offset),
    tuple(...shape.map(number)),
    tuple(...strides.map(number)),
    [0x89],
    [0x7d],
  );
  return pickle('}', text('w'), 'ctorch._utils\n_rebuild_tensor_v2\n', args, 'Rs');
}

describe('pickles of PyTorch that name more than tensors', () => {
  test.each([
    ['os', 'system'],
    ['posix', 'system'],
    ['builtins', 'eval'],
    ['__builtin__', 'exec'],
    ['torch.nn.modules.container', 'sequential'],
    ['torchvision.models.resnet', 'resnet18'],
    ['torchvision.models', 'ResNet'],
    ['timm.models.resnet', 'ResNet'],
    ['__main__', 'Net'],
    ['argparse', 'ArgumentParser'],
    ['pathlib', 'os'],
    ['datetime', 'sys'],
    ['builtins', 'getattr'],
    ['collections', 'namedtuple'],
    ['torch', 'load'],
    ['torch.hub', 'load'],
    ['torch', 'constructorStorage'],
  ])('%s.%s is refused by its name', async (module, name) => {
    const found = await read(archive(pickle(`c${module}\n${name}\n(X\x02\0\0\0lstR`)));
    expect(found).toContain(`the pickle names "${module}.${name}"`);
    expect(found).toContain('nothing was executed');
    expect(found).toContain("torch.save(model.state_dict(), 'weights.pth')");
  });

  test.each([
    [
      '__main__',
      'Net',
      'a class or function whose Python code is not in the file',
      /onnx\.export\(model\./,
    ],
    ['fastai.learner', 'Learner', 'a class or function', /torch\.save\(learn\.model\.state_dict/],
    ['torch._utils', '_rebuild_qtensor', 'a tensor of whole numbers', /before torch\.ao/],
  ])('%s.%s: what it is, and the next step', async (module, name, what, next) => {
    const found = await read(archive(pickle(`c${module}\n${name}\n.`)));
    expect(found).toContain(`the pickle names "${module}.${name}" (byte 3), ${what}`);
    expect(found).toMatch(next);
  });

  test.each<[string, [string, Uint8Array][]]>([
    ['constants.pkl', [['x/constants.pkl', new Uint8Array(3)]]],
    ['archive_format', [['x/archive_format', new Uint8Array(3)]]],
  ])('a program with %s is refused with the line that exports it', async (_, more) => {
    const found = await read(archive(tensor([8], [1]), ...more));
    expect(found).toMatch(/UnsupportedError: x\.pth is a program of PyTorch .*torch\.onnx\.export/);
  });
});

describe('models that are read as data', () => {
  const start = 'ctorch.nn.modules.container\nSequential\n';
  const [make, remember, recall] = [
    [0x29, 0x81],
    [0x71, 0],
    [0x68, 0],
  ];
  const contain = (child: readonly number[]) => [
    '}',
    text('_modules'),
    '}',
    text('0'),
    child,
    'ssb',
  ];

  test('a model that contains itself ends at a limit', async () => {
    const content = pickle(start, [...make, ...remember], ...contain(recall));
    expect(await read(archive(content))).toContain('LimitError: nesting of modules');
  });

  test('a model without weights is none', async () => {
    expect(await read(archive(pickle(start, make, '}b')))).toContain('expected tensors, found');
    expect(await read(archive(pickle(start, make)))).toContain('expected tensors, found record');
  });
});

describe('tensors outside of their storages', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['a whole one is read', tensor([2, 4], [4, 1]), /^1 tensors$/],
    ['a turned one is read', tensor([4, 2], [1, 4]), /^1 tensors$/],
    ['an offset', tensor([8], [1], { offset: 1 }), /needs 36 bytes, its storage has 32/],
    ['a stride', tensor([2, 4], [5, 1]), /needs 36 bytes, its storage has 32/],
    ['a count', tensor([9], [1], { count: 9 }), /needs 36 bytes, its storage has 32/],
    ['a storage that is missing', tensor([1], [1], { key: '../1' }), /has no storage '\.\.\/1'/],
    ['a negative stride', tensor([2], [-1]), /FormatError: pickle: bad arguments for a tensor/],
    ['a negative offset', tensor([2], [1], { offset: -1 }), /bad arguments for a tensor/],
    ['a negative size', tensor([-2], [1]), /bad arguments for a tensor/],
    ['an absurd size', tensor([2 ** 40], [0]), /LimitError: size of w/],
    ['one number repeated', tensor([1000], [0]), /repeats the 32 bytes of its storage/],
    ['as many strides as it likes', tensor([2], [1, 1]), /another number of strides than axes/],
    ['no tensors', pickle('}'), /expected tensors, found dict/],
  ])('%s', async (_, content, message) => {
    expect(await read(archive(content))).toMatch(message);
  });
});

describe('archives that claim too much', () => {
  test.each<[string, Uint8Array, RegExp]>([
    [
      'a bomb',
      buildZip([['x/data.pkl', new Uint8Array(20_000_000)]], { deflate: true }),
      /LimitError: inflation of x\/data\.pkl \(a bomb\?\)/,
    ],
    ['two pickles', archive(tensor([8], [1]), ['y/data.pkl', new Uint8Array(2)]), /found 2/],
    ['half a file', readFixture('torch/resnet_basic.legacy.pth').slice(0, 60_000), /truncated/],
    ['half a tar', readFixture('torch/resnet_basic.tar.pth').slice(0, 60_000), /truncated/],
  ])('%s', async (_, bytes, message) => {
    expect(await read(bytes)).toMatch(message);
  });
});

describe('safetensors', () => {
  const build = (header: unknown, data = 32, length?: number): Uint8Array => {
    const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const bytes = new Uint8Array(8 + json.length + data);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
    bytes.set(json, 8);
    return bytes;
  };
  const one = (from: number, to: number, shape = [(to - from) / 4]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [from, to],
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['a whole file is read', build({ a: one(0, 16), b: one(16, 32) }), /^2 tensors$/],
    ['an overlap', build({ a: one(0, 20), b: one(16, 32) }), /b overlaps another tensor/],
    ['a gap', build({ a: one(0, 12), b: one(16, 32) }), /b begins 4 bytes late/],
    ['bytes behind', build({ a: one(0, 16) }), /the tensors end at byte 16 of 32/],
    ['the end of the file', build({ a: one(0, 64) }), /bytes \[0, 64\] of 32/],
    ['another shape', build({ a: one(0, 32, [9]) }), /has 36 bytes, its offsets say 32/],
    ['negative offsets', build({ a: one(-4, 28) }), /expected dtype, shape and data_offsets/],
    ['half a header', build('{"a": ', 0), /the header is no JSON/],
    ['a list', build('{}', 0), /expected tensors, found none/],
    ['a key of objects', build('{"__proto__": 1}', 0), /expected dtype, shape/],
    ['deep lists', build(`{"a": ${'['.repeat(100_000)}`, 0), /the header is no JSON/],
  ])('%s', async (_, bytes, message) => {
    expect(await read(bytes, 'x.safetensors')).toMatch(message);
  });
});
