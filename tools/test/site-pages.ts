import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core calls an element that breaks a rule, one line each, of every impact. */
export async function findAxeFaults(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axeFile });
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run: (
          where: Document,
          options: object,
        ) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
      };
    };
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

/** Collects what a page reports as an error, and every request that leaves its server. */
export function watchPage(page: Page, server: string): string[] {
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (line) => {
    if (line.type() === 'error') faults.push(line.text());
  });
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server)) {
      faults.push(`request to ${request.url()}`);
    }
  });
  return faults;
}

/** Drops an image on the page. */
export async function dropImage(page: Page, name: string, file: string): Promise<void> {
  const text = (await readFile(file)).toString('base64');
  await page.evaluate(
    ([fileName, bytes]) => {
      const transfer = new DataTransfer();
      const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([content], fileName));
      const options = { dataTransfer: transfer, bubbles: true, cancelable: true } as const;
      document.body.dispatchEvent(new DragEvent('drop', options));
    },
    [name, text] as const,
  );
}
