import { isRunFileName } from '@gradcam/core';
import { describe, expect, test } from 'vitest';
import { nameImageFolder } from '../src/files/file-names.ts';

/** What Windows refuses as a name, whatever follows its first dot. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

describe('the folder of an image has a name that Linux, macOS and Windows accept', () => {
  test.each([
    ['a drive letter', 'C:\\photos\\cat.png'],
    ['a drive letter with slashes', 'd:/photos/cat.png'],
    ['a share of Windows', '\\\\server\\photos\\cat.png'],
    ['a long path of Windows', `\\\\?\\C:\\${'photos\\'.repeat(60)}cat.png`],
    ['the folder above', '../../cat.png'],
    ['the folder above, as Windows writes it', '..\\..\\cat.png'],
    ['the name of a device', 'photos/CON.png'],
    ['the name of a device with two dots', 'photos/nul.tar.png'],
    ['a stream of NTFS', 'cat.png:hidden.png'],
    ['a name of 255 letters', `${'x'.repeat(251)}.png`],
    ['a name of 252 bytes in four-byte letters', `${'\u{1f408}'.repeat(62)}.png`],
    ['no letters', '....png'],
    ['dots and spaces at its end', 'photos/cat . .png'],
    ['control characters and quotes', 'a\tb\n"c"\'d\'.png'],
  ])('%s', (_, image) => {
    const folder = nameImageFolder(image);
    expect(isRunFileName(`images/${folder}/overlay.png`)).toBe(true);
    expect(folder).toMatch(/^[a-z0-9_][a-z0-9._-]*[a-z0-9]$/);
    expect(folder).not.toMatch(devices);
    // The whole path stays below the 260 characters of Windows for run folders of up to 100.
    expect(folder.length).toBeLessThanOrEqual(69);
  });

  test('paths that differ in letter case or in separators alone have folders of their own', () => {
    const images = ['photos/Cat.png', 'photos/cat.png', 'photos\\cat.png', 'Photos/cat.png'];
    const folders = images.map((image) => nameImageFolder(image));
    expect(new Set(folders.map((one) => one.toLowerCase())).size).toBe(images.length);
  });
});
