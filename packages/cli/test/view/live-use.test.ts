import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  dropFile,
  openLiveSite,
  openPage,
  savedMap,
  scenePath,
  tabTo,
  untilExplained,
  type LiveSite,
} from './live-page.ts';
import { skipWithoutChromium } from './open-browser.ts';

describe.skipIf(skipWithoutChromium())('the live page in use', { timeout: 120_000 }, () => {
  let site: LiveSite;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    site = await openLiveSite();
    await mkdir(path.join(site.models, 'torn'));
    await writeFile(path.join(site.models, 'torn', 'model.json'), '{"format": "layers-model"');
  }, 180_000);

  afterAll(async () => {
    await site?.close();
  });

  beforeEach(async () => {
    ({ page, faults } = await openPage(site));
  });

  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  async function open(fragment = ''): Promise<void> {
    await page.goto(`${site.url}live.html#${fragment}`);
  }

  /** The engine that starts fastest. */
  const sample = 'engine=wasm&sample=cat-and-dog';

  const facts = async (name: string): Promise<string | null> =>
    page.locator('.live-facts dl > div', { hasText: name }).locator('dd').textContent();

  test('says where an image may come from, and takes one from a file, the clipboard, a sample', async () => {
    await open('engine=wasm');
    await page.getByText('Drop an image here').waitFor();
    const scene = scenePath('street.png');
    await page.getByLabel('Open image').setInputFiles(scene);
    await untilExplained(page, /^street\.png: Grad-CAM at block3 for/);
    const bytes = (await readFile(scenePath('garden.png'))).toString('base64');
    await page.evaluate((text) => {
      const content = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([content], 'copied.png', { type: 'image/png' }));
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    }, bytes);
    await untilExplained(page, /^copied\.png: /);
    await page.getByRole('button', { name: 'Sample image: Cat and dog' }).click();
    await untilExplained(page, /^cat-and-dog\.png: .* for dog$/);
    // The address follows after a rest.
    await expect.poll(() => new URL(page.url()).hash).toContain('sample=cat-and-dog');
  });

  test('takes a picture with the camera, which is off again then', async () => {
    await open('engine=wasm');
    await page.getByRole('button', { name: 'Camera' }).click();
    const take = page.getByRole('button', { name: 'Take picture' });
    await expect.poll(() => take.isEnabled()).toBe(true);
    await take.click();
    await untilExplained(page, /^camera image: /);
    expect(await page.locator('video').count()).toBe(0);
  });

  test('a click on a prediction explains that class', async () => {
    await open(sample);
    await untilExplained(page, /for dog$/);
    const dog = await savedMap(page);
    await page.getByRole('button', { name: 'Explain cat' }).click();
    await untilExplained(page, /for cat$/);
    expect(await page.locator('.bar-target').textContent()).toContain('cat');
    expect((await savedMap(page)).data).not.toEqual(dog.data);
    expect(await page.getByLabel('Target').inputValue()).toBe('0');
  });

  test('classes by name, against each other and denied; what is none is told with near names', async () => {
    await open(sample);
    await untilExplained(page);
    const ask = async (target: string): Promise<void> => {
      await page.getByLabel('Target').fill(target);
      await page.getByLabel('Target').press('Enter');
    };
    await ask('cat:dog');
    await untilExplained(page, /for cat rather than dog$/);
    const contrast = await savedMap(page);
    await ask('not:dog');
    await untilExplained(page, /for not dog$/);
    const denied = await savedMap(page);
    await ask('cat');
    await untilExplained(page, /for cat$/);
    const cat = await savedMap(page);
    // Grad-CAM is linear in the score: the map of cat - dog is that of cat plus that of not dog.
    const scale = Math.max(...cat.data.map(Math.abs));
    contrast.data.forEach((value, i) => {
      expect(Math.abs(value - cat.data[i]! - denied.data[i]!)).toBeLessThan(1e-4 * scale);
    });
    await ask('cta');
    await page.getByRole('alert').getByText("no class 'cta'; near: cat").waitFor();
  });

  test('method and layer change the map; the strip shows all grids and goes to one', async () => {
    await open(sample);
    await untilExplained(page);
    await page.getByLabel('Method').selectOption('layer-cam');
    await untilExplained(page, /LayerCAM at block3 for dog$/);
    await page.getByText('Cost: as Grad-CAM.').waitFor();
    await page.getByRole('combobox', { name: 'Layer', exact: true }).selectOption('block1');
    await untilExplained(page, /LayerCAM at block1 for dog$/);
    expect((await savedMap(page)).shape).toEqual([16, 16]);
    const strip = page.locator('.strip-map');
    await expect.poll(() => page.locator('.strip h2').textContent()).toContain('LayerCAM');
    const grids = (await page.locator('.strip-grid').allTextContents()).map((text) =>
      Number.parseInt(text, 10),
    );
    expect(new Set(grids)).toEqual(new Set([64, 32, 16, 8]));
    expect(grids).toEqual([...grids].sort((a, b) => b - a));
    await strip.first().click();
    await untilExplained(page, /LayerCAM at conv1 for dog$/);
    expect((await savedMap(page)).shape).toEqual([64, 64]);
    expect(await strip.first().getAttribute('aria-pressed')).toBe('true');
    // A method at the input has no layer, and a map of colours.
    await page.getByLabel('Method').selectOption('guided-backprop');
    await untilExplained(page, /Guided backpropagation at/);
    expect((await savedMap(page)).shape).toEqual([128, 128, 3]);
    expect(await page.getByRole('combobox', { name: 'Layer', exact: true }).count()).toBe(0);
  });

  test.each(['score-cam', 'rise'])(
    'a long %s tells how far it is and ends on a cancel',
    async (method) => {
      await open(`${sample}&method=${method}`);
      const cancel = page.getByRole('button', { name: 'Cancel' });
      await page.getByText(/Explaining: pass [\d,]+ of [\d,]+/).waitFor();
      await cancel.click();
      await page.getByText('Cancelled.').waitFor();
      // The same worker goes on at once with something else.
      await page.getByLabel('Method').selectOption('grad-cam');
      await untilExplained(page, /Grad-CAM at block3 for dog$/);
      await expect.poll(() => page.locator('.strip canvas').count()).toBeGreaterThan(3);
    },
  );

  test('a worker that does not heed a cancel is ended, and the next one goes on', async () => {
    await open(`${sample}&method=rise`);
    await page.getByText(/Explaining: pass [\d,]+ of [\d,]+/).waitFor();
    const [worker] = page.workers();
    const ended = new Promise((resolve) => worker!.once('close', resolve));
    // A run of the engine that takes very long: nothing else is heard in its thread meanwhile.
    await worker!.evaluate(() => {
      setTimeout(() => {
        for (const end = Date.now() + 60_000; Date.now() < end;);
      }, 0);
    });
    await page.waitForTimeout(1000);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
    await ended;
    // Model and image are given to the new worker; what was cancelled is not taken up again.
    await page.locator('.engine-name').waitFor();
    expect(page.workers().length).toBe(1);
    expect(page.workers()[0]).not.toBe(worker);
    await page.getByText('Cancelled.').waitFor();
    await page.getByLabel('Method').selectOption('grad-cam');
    await untilExplained(page, /Grad-CAM at block3 for dog$/);
  });

  test('a blank map comes with the reason and advice', async () => {
    await open(sample);
    await untilExplained(page);
    await page.getByRole('button', { name: 'Explain bicycle' }).click();
    await untilExplained(page, /for bicycle$/);
    const blank = page.getByRole('status').filter({ hasText: 'Blank map:' }).first();
    expect(await blank.textContent()).toContain('speaks against the class: look at not:');
  });

  test('what is no image is told in a line, and the next image is taken', async () => {
    await open('engine=wasm');
    await dropFile(page, 'notes.png', Buffer.from('these are words'));
    const alert = page.getByRole('alert');
    await alert.getByText('notes.png: not an image that can be decoded').waitFor();
    await dropFile(page, 'street.png', await readFile(scenePath('street.png')));
    await untilExplained(page, /^street\.png/);
    expect(await alert.count()).toBe(0);
  });

  test('a model that does not load is told in a line, and another one is taken', async () => {
    await open(`${sample}&model=torn`);
    await page.getByRole('alert').getByText('model.json is not JSON').waitFor();
    await page.getByRole('combobox', { name: 'Model', exact: true }).selectOption('demo-vgg');
    await untilExplained(page, /at conv5_2 for/);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('a permalink to a model that is not served says so', async () => {
    await open(`${sample}&model=none`);
    await page
      .getByRole('alert')
      .getByText('models/none/model.json: the server answered with HTTP status 404')
      .waitFor();
    // Browsers may note the missing file themselves.
    faults = faults.filter((fault) => !fault.includes('404'));
  });

  test('a permalink brings model, method, layer, class, engine and colours back', async () => {
    await open(sample);
    await untilExplained(page);
    await page.getByRole('combobox', { name: 'Model', exact: true }).selectOption('demo-vgg');
    await untilExplained(page, /at conv5_2/);
    await page.getByLabel('Method').selectOption('hires-cam');
    await page.getByRole('combobox', { name: 'Layer', exact: true }).selectOption('conv4_2');
    await page.getByLabel('Target').fill('cat');
    await page.getByLabel('Target').press('Enter');
    await page.getByLabel('Colormap').selectOption('viridis');
    await page.getByRole('slider', { name: 'Opacity' }).fill('0.8');
    const name = 'cat-and-dog.png: HiResCAM at conv4_2 for cat';
    await untilExplained(page, name);
    const map = await savedMap(page);
    await expect.poll(() => page.url()).toContain('opacity=0.8');
    const address = page.url();
    await page.close();
    ({ page, faults } = await openPage(site));
    await page.goto(address);
    await untilExplained(page, name);
    expect((await savedMap(page)).data).toEqual(map.data);
    expect(await page.locator('.engine-name').textContent()).toBe('tfjs-wasm');
    expect(await page.getByLabel('Colormap').inputValue()).toBe('viridis');
    expect(await page.getByRole('slider', { name: 'Opacity' }).inputValue()).toBe('0.8');
  });

  test('weights come from the browser the second time', async () => {
    const fetched: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('.bin') && request.method() === 'GET') fetched.push(request.url());
    });
    await open(sample);
    await untilExplained(page);
    fetched.splice(0);
    await page.reload();
    await untilExplained(page);
    expect(fetched).toEqual([]);
    const keys = await page.evaluate(async () => {
      const cache = await caches.open('gradcam-weights');
      return (await cache.keys()).map(({ url }) => new URL(url).pathname);
    });
    const json = await readFile(path.join(site.models, 'demo-resnet', 'model.json'), 'utf8');
    const { userDefinedMetadata } = JSON.parse(json) as {
      userDefinedMetadata: { gradcam: { shards: Record<string, string> } };
    };
    for (const digest of Object.values(userDefinedMetadata.gradcam.shards)) {
      expect(keys).toContain(`/kept-weights/sha256-${digest}`);
    }
  });

  test('sliders draw the map anew without another run', async () => {
    await open(sample);
    await untilExplained(page);
    const colour = async (): Promise<number[]> =>
      page.locator('.live-figure canvas').evaluate((canvas) => {
        const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
        copy.drawImage(canvas as HTMLCanvasElement, -190, -140);
        return [...copy.getImageData(0, 0, 1, 1).data];
      });
    const [before, took] = [await colour(), await facts('Image')];
    await page.getByRole('slider', { name: 'Opacity' }).fill('1');
    await page.getByLabel('Colormap').selectOption('gray');
    await expect.poll(async () => new Set((await colour()).slice(0, 3)).size).toBe(1);
    await page.getByRole('button', { name: 'Back to the first colours' }).click();
    await expect.poll(colour).toEqual(before);
    expect(await facts('Image')).toBe(took);
  });

  test('a saved picture is the drawn one with a legend below it', async () => {
    await open(sample);
    await untilExplained(page);
    const drawn = Buffer.from(
      await page.locator('.live-figure canvas').evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const copy = new OffscreenCanvas(width, height).getContext('2d', {
          willReadFrequently: true,
        })!;
        copy.drawImage(canvas as HTMLCanvasElement, 0, 0);
        return [...copy.getImageData(0, 0, width, height).data];
      }),
    );
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save picture' }).click(),
    ]);
    const saved = sharp(await download.path());
    const { width = 0, height = 0 } = await saved.metadata();
    const side = Math.sqrt(drawn.length / 4);
    expect(width).toBe(side);
    // Class, method and the bar with its numbers, in letters of at least 12 pixels.
    expect(height).toBeGreaterThan(side + 4 * 12);
    const pixels = await saved.ensureAlpha().raw().toBuffer();
    expect(pixels.subarray(0, drawn.length).equals(drawn)).toBe(true);
    // Dark letters in the first line below, and turbo's ends (48, 18, 59) and (122, 4, 3) in the bar.
    const rowOf = (y: number): Buffer => pixels.subarray(y * width * 4, (y + 1) * width * 4);
    const line = Array.from({ length: 12 }, (_, i) => [...rowOf(side + 8 + i)]).flat();
    expect(Math.min(...line)).toBeLessThan(100);
    const bar = Array.from({ length: height - side }, (_, i) => rowOf(side + i)).some(
      (row) => row[6 * 4] === 48 && row[6 * 4 + 1] === 18 && row[(width - 7) * 4] === 122,
    );
    expect(bar).toBe(true);
  });

  test('the keyboard alone chooses an image, a class, a method and reads the map', async () => {
    await open('engine=wasm');
    await tabTo(page, 'Sample image: Cat and dog', 'button');
    await page.keyboard.press('Enter');
    await untilExplained(page, /for dog$/);
    await tabTo(page, 'Explain cat', 'button');
    await page.keyboard.press('Space');
    await untilExplained(page, /for cat$/);
    await tabTo(page, 'Method', 'combobox');
    await page.keyboard.type('HiRes');
    await page.keyboard.press('Enter');
    await untilExplained(page, /HiResCAM at block3 for cat$/);
    await page.locator('.stage-picture').focus();
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() => page.locator('.reading').textContent())
      .toMatch(/row \d, column \d, raw/);
  });
});
