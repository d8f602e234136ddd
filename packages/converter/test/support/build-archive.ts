import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';

/** A member of an archive: name, content, and what else its header says. */
export type Member = readonly [
  name: string,
  content: Uint8Array | string,
  header?: Partial<Header>,
];

/** A tar of the given members. */
export async function buildTar(members: readonly Member[]): Promise<Uint8Array> {
  const archive = pack();
  for (const [name, content, header] of members) {
    const link = header?.type === 'symlink' || header?.type === 'directory';
    if (link) archive.entry({ name, ...header });
    else archive.entry({ name, ...header }, content);
  }
  archive.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of archive) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

/** A `.tar.gz` of the given members. */
export async function buildTarGz(members: readonly Member[]): Promise<Uint8Array> {
  return gzipSync(await buildTar(members));
}
