import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openAnnotations } from '../src/inputs/regions/annotations.ts';
import { makeTemporaryFolder } from './run-command.ts';

const labels = ['cat', 'dog', 'tiger cat'];

function contextOf() {
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(text);
  return { names: { labels, wnids: ['n01', 'n02', 'n03'] }, count: 3, note, notes };
}

function writeCoco(folder: string, changes: object = {}): string {
  const file = path.join(folder, 'coco.json');
  const coco = {
    images: [
      { id: 1, file_name: 'a/one.png', width: 40, height: 30 },
      { id: 2, file_name: 'one.png', width: 20, height: 20 },
    ],
    categories: [
      { id: 7, name: 'dog' },
      { id: 8, name: 'person' },
      { id: 9, name: 'tiger_cat' },
    ],
    annotations: [
      { image_id: 1, category_id: 7, bbox: [1, 2, 3.5, 4] },
      { image_id: 1, category_id: 7, bbox: [10, 10, 5, 5], iscrowd: 0 },
      { image_id: 1, category_id: 7, bbox: [0, 0, 40, 30], iscrowd: 1 },
      { image_id: 1, category_id: 8, bbox: [0, 0, 1, 1] },
      { image_id: 2, category_id: 9, bbox: [0, 0, 20, 20] },
    ],
    ...changes,
  };
  writeFileSync(file, JSON.stringify(coco));
  return file;
}

describe('COCO', () => {
  test('boxes of each class, without crowds; names that are no class are told once', async () => {
    const context = contextOf();
    const found = await openAnnotations(writeCoco(makeTemporaryFolder()), context);
    const size = { width: 40, height: 30 };
    expect(await found.find('/photos/a/one.png', size)).toEqual([
      {
        index: 1,
        label: 'dog',
        region: {
          boxes: [
            { x: 1, y: 2, width: 3.5, height: 4 },
            { x: 10, y: 10, width: 5, height: 5 },
          ],
        },
      },
    ]);
    expect(context.notes).toHaveLength(1);
    expect(context.notes[0]).toContain("'person'");
    expect(found.kind).toBe('coco');
  });

  test('an image belongs to the longest name that its path ends with', async () => {
    const found = await openAnnotations(writeCoco(makeTemporaryFolder()), contextOf());
    const [cat] = await found.find('/photos/b/one.png', { width: 20, height: 20 });
    expect(cat).toMatchObject({ index: 2, label: 'tiger cat' });
    expect(await found.find('/photos/two.png', { width: 1, height: 1 })).toEqual([]);
  });

  test('another size than the annotated one is a fault of the image', async () => {
    const found = await openAnnotations(writeCoco(makeTemporaryFolder()), contextOf());
    await expect(found.find('/a/one.png', { width: 80, height: 60 })).rejects.toThrow(
      'has 80x60 pixels, its annotation is of 40x30',
    );
  });

  test.each([
    [{ images: 3 }, 'images: expected a list of objects'],
    [{ images: [{ id: 1 }] }, 'images[0].file_name: expected a name'],
    [{ categories: [{ id: 1 }] }, 'categories[0].name'],
    [{ annotations: [{ image_id: 5 }] }, 'annotations[0].image_id'],
    [{ annotations: [{ image_id: 1, category_id: 5 }] }, 'annotations[0].category_id'],
    [
      { annotations: [{ image_id: 1, category_id: 7, bbox: [0, 0, -1, 2] }] },
      'annotations[0].bbox: expected [x, y, width, height]',
    ],
    [{ annotations: [{ image_id: 1, category_id: 7, bbox: [0, 0, 1] }] }, 'annotations[0].bbox'],
  ])('%j is named', async (changes, message) => {
    const file = writeCoco(makeTemporaryFolder(), changes);
    await expect(openAnnotations(file, contextOf())).rejects.toThrow(message);
  });

  test('what is no JSON, no file, or no annotations at all', async () => {
    const folder = makeTemporaryFolder();
    const file = path.join(folder, 'x.json');
    writeFileSync(file, '{"images": [');
    await expect(openAnnotations(file, contextOf())).rejects.toThrow('no JSON');
    await expect(openAnnotations(path.join(folder, 'no'), contextOf())).rejects.toThrow(
      'no such file or folder',
    );
    await expect(openAnnotations(folder, contextOf())).rejects.toThrow('found neither .xml files');
    const text = path.join(folder, 'boxes.txt');
    writeFileSync(text, '');
    await expect(openAnnotations(text, contextOf())).rejects.toThrow('expected a COCO file');
  });
});

describe('VOC', () => {
  const size = { width: 100, height: 50 };
  const write = (text: string): string => {
    const folder = makeTemporaryFolder();
    writeFileSync(path.join(folder, 'one.xml'), text);
    return folder;
  };

  test('corners count from 1 and are inside; parts of an object are no object', async () => {
    const folder = write(`<annotation><filename>one.jpg</filename>
      <size><width>100</width><height>50</height><depth>3</depth></size>
      <object><name>n01</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>10</xmax><ymax>2</ymax></bndbox>
        <part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
      </object>
      <object><part><name>dog</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></part>
        <name>cat</name><bndbox><xmax>30</xmax><xmin>21</xmin><ymin>11</ymin><ymax>20</ymax></bndbox></object>
      <object><name>sofa</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object>
      </annotation>`);
    const context = contextOf();
    const found = await openAnnotations(folder, context);
    expect(await found.find('/photos/one.jpg', size)).toEqual([
      {
        index: 0,
        label: 'cat',
        region: {
          boxes: [
            { x: 0, y: 1, width: 10, height: 1 },
            { x: 20, y: 10, width: 10, height: 10 },
          ],
        },
      },
    ]);
    expect(context.notes.join()).toContain("'sofa'");
    expect(await found.find('/photos/two.jpg', size)).toEqual([]);
  });

  test.each([
    ['<object><name>cat</name></object>', '<object>: expected a <name> and a <bndbox>'],
    [
      '<object><name>cat</name><bndbox><xmin>5</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object>',
      '<bndbox>',
    ],
    ['<size><width>99</width><height>50</height></size>', 'is of an image of 99x50 pixels'],
  ])('%s is named', async (text, message) => {
    const found = await openAnnotations(write(text), contextOf());
    await expect(found.find('/photos/one.jpg', size)).rejects.toThrow(message);
  });

  test('entities stay text, and an element without an end ends the reading', async () => {
    const found = await openAnnotations(
      write('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><object><name>&x;</name>'),
      contextOf(),
    );
    expect(await found.find('/photos/one.jpg', size)).toEqual([]);
  });
});

describe('masks', () => {
  test('pixels that are not black, in the folder of their class', async () => {
    const folder = makeTemporaryFolder();
    mkdirSync(path.join(folder, 'tiger_cat'));
    const data = Uint8Array.from([0, 0, 0, 0, 1, 0, 255, 255, 255, 0, 0, 0]);
    await sharp(data, { raw: { width: 4, height: 1, channels: 3 } }).toFile(
      path.join(folder, 'tiger_cat', 'one.png'),
    );
    const found = await openAnnotations(folder, contextOf());
    expect(await found.find('/photos/one.jpg', { width: 4, height: 1 })).toEqual([
      {
        index: 2,
        label: 'tiger cat',
        region: { mask: { width: 4, height: 1, data: Uint8Array.of(0, 1, 1, 0) } },
      },
    ]);
    await expect(found.find('/photos/one.jpg', { width: 2, height: 2 })).rejects.toThrow(
      "expected a mask of the image's size 2x2, found 4x1",
    );
  });
});
