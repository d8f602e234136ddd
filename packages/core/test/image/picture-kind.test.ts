import { describe, expect, test } from 'vitest';
import { checkPictureKind, readPictureKind } from '../../src/image/picture-kind.ts';

/** Latin-1 text, padded with zeros to the length of a header. */
function bytesOf(text: string, length = 512): Uint8Array {
  const bytes = new Uint8Array(Math.max(length, text.length));
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Beginnings as the specifications of the formats give them. */
const beginnings: readonly (readonly [kind: string | null, text: string])[] = [
  ['PNG', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR'],
  ['JPEG', '\xff\xd8\xff\xe0\0\x10JFIF'],
  ['JPEG', '\xff\xd8\xff\xe1\0\x10Exif'],
  ['GIF', 'GIF89a'],
  ['GIF', 'GIF87a'],
  ['WebP', 'RIFF\x24\0\0\0WEBPVP8 '],
  ['TIFF', 'II*\0\x08\0\0\0'],
  ['TIFF', 'MM\0*\0\0\0\x08'],
  ['TIFF', 'II+\0\x08\0\0\0\x10'],
  ['AVIF', '\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf'],
  ['AVIF', '\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf'],
  ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
  ['HEIC', '\0\0\0\x18ftypmif1\0\0\0\0mif1heic'],
  ['camera raw (Canon CR3)', '\0\0\0\x18ftypcrx \0\0\0\x01crx isom'],
  ['video (MP4 or QuickTime)', '\0\0\0\x18ftypisom\0\0\x02\0isommp41'],
  ['camera raw (Canon CR2)', 'II*\0\x10\0\0\0CR\x02\0'],
  ['camera raw (Panasonic RW2 or Leica RWL)', 'IIU\0\x18\0\0\0'],
  ['camera raw (Olympus ORF)', 'IIRO\x08\0\0\0'],
  ['camera raw (Olympus ORF)', 'IIRS\x08\0\0\0'],
  ['camera raw (Olympus ORF)', 'MMOR\0\0\0\x08'],
  ['camera raw (Canon CRW)', 'II\x1a\0\0\0HEAPCCDR'],
  ['camera raw (Minolta MRW)', '\0MRM\0\x01'],
  ['camera raw (Sigma X3F)', 'FOVb\0\0\x02\0'],
  ['camera raw (Phase One IIQ)', 'II*\0\x10\0\0\0IIII\x01'],
  ['camera raw (Phase One IIQ)', 'MM\0*\0\0\0\x10MMMM\0'],
  ['camera raw (Fujifilm RAF)', 'FUJIFILMCCD-RAW 0201'],
  ['BMP', 'BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0'],
  [null, 'BM is how this text begins'],
  ['DICOM', `${'\0'.repeat(128)}DICM\x02\0`],
  ['NIfTI', `\x5c\x01${'\0'.repeat(342)}n+1\0`],
  ['FITS', 'SIMPLE  =                    T'],
  ['Photoshop (PSD)', '8BPS\0\x01'],
  ['JPEG XL', '\xff\x0a\xfa\x7f'],
  ['JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n'],
  ['OpenEXR', 'v/1\x01\x02'],
  ['PNM', 'P6\n2 2\n255\n'],
  ['PDF', '%PDF-1.7'],
  ['Windows icon', '\0\0\x01\0\x01\0'],
  ['NumPy array', '\x93NUMPY\x01\0'],
  ['ZIP archive', 'PK\x03\x04'],
  ['gzip file', '\x1f\x8b\x08'],
  [null, ''],
  [null, 'not an image'],
  [null, '\0'.repeat(300)],
];

test.each(beginnings)('%s is told by %j', (kind, text) => {
  expect(readPictureKind(bytesOf(text))).toBe(kind);
});

describe('SVG, in all the ways it may begin', () => {
  const root = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
  test.each([
    ['plain', root],
    ['with a prefix', '<s:svg xmlns:s="http://www.w3.org/2000/svg"/>'],
    ['after a declaration', `<?xml version="1.0"?>\n${root}`],
    ['after comments', `<!-- ${'x'.repeat(900)} -->${root}`],
    ['after blanks', `\n\n   ${root}`],
    ['after a byte order mark', `\xef\xbb\xbf${root}`],
    ['in UTF-16, little-endian', `\xff\xfe${[...root].join('\0')}\0`],
    ['in UTF-16, big-endian', `\xfe\xff\0${[...root].join('\0')}`],
  ])('%s', (_, text) => {
    expect(readPictureKind(bytesOf(text))).toBe('SVG');
  });

  test('whose root is further away than is looked at, is not taken for a picture', () => {
    expect(readPictureKind(bytesOf(`<!-- ${'x'.repeat(5000)} -->${root}`))).toBe('XML or SVG');
  });
});

test('a page in place of a picture is named', () => {
  expect(readPictureKind(bytesOf('<!DOCTYPE html><title>404</title>'))).toBe('HTML');
});

describe('TIFFs of cameras', () => {
  /** One directory of entries of one LONG each, and one of text, `Make`, that lies behind it. */
  const tiff = (
    entries: readonly (readonly [tag: number, value: number])[],
    make = '',
    isLittle = true,
  ): Uint8Array => {
    const [SHORT_BYTES, ENTRY_BYTES, ASCII, LONG, MAKE] = [2, 12, 2, 4, 271];
    const view = new DataView(new ArrayBuffer(256));
    const text = 200;
    [...make].forEach((letter, i) => view.setUint8(text + i, letter.charCodeAt(0)));
    const all = entries.map(([tag, value]) => [tag, LONG, 1, value]);
    if (make !== '') all.push([MAKE, ASCII, make.length + 1, text]);
    view.setUint16(0, isLittle ? 0x4949 : 0x4d4d);
    view.setUint16(2, 42, isLittle);
    view.setUint32(4, 8, isLittle);
    view.setUint16(8, all.length, isLittle);
    (all as [number, number, number, number][]).forEach(([tag, type, count, value], i) => {
      const at = 8 + SHORT_BYTES + i * ENTRY_BYTES;
      view.setUint16(at, tag, isLittle);
      view.setUint16(at + 2, type, isLittle);
      view.setUint32(at + 4, count, isLittle);
      view.setUint32(at + 8, value, isLittle);
    });
    return new Uint8Array(view.buffer);
  };
  const [SUBFILE, WIDTH, PHOTOMETRIC, SUB_IFDS, DNG] = [254, 256, 262, 330, 50706];
  const preview = [
    [SUBFILE, 1],
    [WIDTH, 160],
    [SUB_IFDS, 200],
  ] as const;

  test.each([
    ['camera raw (DNG)', [[DNG, 0x0401]], 'Apple'],
    ['camera raw (Nikon NEF)', preview, 'NIKON CORPORATION'],
    ['camera raw (Sony ARW)', preview, 'SONY'],
    ['camera raw (Samsung SRW)', preview, 'SAMSUNG'],
    ['camera raw (Hasselblad 3FR)', preview, 'Hasselblad'],
    // Sensor cells in the first directory itself (TIFF/EP: 32803, a colour filter array).
    ['camera raw (Pentax PEF)', [[PHOTOMETRIC, 32803]], 'PENTAX Corporation'],
    ['camera raw (Epson ERF)', preview, 'SEIKO EPSON CORP.'],
    ['camera raw (NEF, ARW or another of TIFF)', preview, 'ACME'],
    ['camera raw (NEF, ARW or another of TIFF)', preview, ''],
    ['TIFF', [[SUBFILE, 0], ...preview.slice(1)], 'NIKON CORPORATION'],
    ['TIFF', preview.slice(0, 2), 'SONY'],
  ] as const)('%s', (kind, entries, make) => {
    expect(readPictureKind(tiff(entries, make))).toBe(kind);
    expect(readPictureKind(tiff(entries, make, false))).toBe(kind);
  });
});

test('any piece of a beginning is told without a fault', () => {
  for (const [, text] of beginnings) {
    for (let length = 0; length <= text.length; length++) {
      readPictureKind(bytesOf(text.slice(0, length), 0));
    }
  }
});

test('an error says what the file is, and what is read', () => {
  expect(() => checkPictureKind(bytesOf('8BPS'), 'a.png')).toThrow(
    'a.png: not an image that can be decoded (its kind is Photoshop (PSD); ' +
      'PNG, JPEG, WebP, GIF, TIFF and AVIF are read): convert it first',
  );
});
