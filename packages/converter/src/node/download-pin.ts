import { readFile } from 'node:fs/promises';

/** Where a file of the cache came from, and its checksum. It is kept beside the file, in `<file>.json`. */
export interface Pin {
  readonly sha256: string;
  readonly byteLength: number;
  /** The address that the file came from. */
  readonly url: string;
}

/** Reads the pin of a file; undefined if there is none, or if the file came from another address. */
export async function readPin(path: string, urls: readonly string[]): Promise<Pin | undefined> {
  try {
    const pin: unknown = JSON.parse(await readFile(pinPath(path), 'utf8'));
    return isPin(pin) && urls.includes(pin.url) ? pin : undefined;
  } catch {
    return undefined;
  }
}

/** The path of a file's pin. */
export function pinPath(path: string): string {
  return `${path}.json`;
}

function isPin(value: unknown): value is Pin {
  if (typeof value !== 'object' || value === null) return false;
  const { sha256, byteLength, url } = value as Record<string, unknown>;
  return typeof sha256 === 'string' && typeof byteLength === 'number' && typeof url === 'string';
}
