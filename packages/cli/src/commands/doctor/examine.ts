import { loadOnnxRuntime } from '@gradcam/core/node';
import { availableParallelism, cpus, totalmem } from 'node:os';
import sharp from 'sharp';
import { engineNames } from '../../models/open-engine.ts';
import { ownVersion } from '../../own-version.ts';
import type { Terminal } from '../../terminal/messages.ts';
import { checkEngine, type EngineReport } from './check-engines.ts';
import {
  checkCache,
  checkModelFolders,
  type FolderReport,
  type ModelFolderReport,
} from './check-folders.ts';
import { findChromium, readBrowserVersion } from './find-chromium.ts';

/** The findings of `gradcam doctor`. */
export interface Examination {
  readonly versions: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly cpu: string;
  /** The number of threads that this process may run at once. */
  readonly threads: number;
  readonly memoryBytes: number;
  readonly engines: readonly EngineReport[];
  /**
   * The execution providers of the installed ONNX Runtime, e.g. cpu, webgpu, cuda. It is empty if ONNX
   * Runtime does not load.
   */
  readonly onnxProviders: readonly string[];
  /** Image formats that can be decoded on this machine. */
  readonly imageFormats: readonly string[];
  readonly chromium: { readonly file: string; readonly version: string | null } | null;
  readonly modelFolders: readonly ModelFolderReport[];
  readonly cache: FolderReport & { readonly bytes: number };
}

const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'svg'] as const;

/** Examines everything that the command relies on. It changes nothing. */
export async function examine(
  models: string | undefined,
  terminal: Terminal,
): Promise<Examination> {
  const engines: EngineReport[] = [];
  for (const name of engineNames) {
    if (name !== 'auto') engines.push(await checkEngine(name, terminal));
  }
  const file = await findChromium();
  return {
    versions: {
      gradcam: ownVersion,
      node: process.versions.node,
      sharp: sharp.versions.sharp ?? 'unknown',
      libvips: sharp.versions.vips,
    },
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memoryBytes: totalmem(),
    engines,
    onnxProviders: await listProviders(),
    imageFormats: formats.filter((name) => canDecode(name)),
    chromium: file === null ? null : { file, version: await readBrowserVersion(file) },
    modelFolders: await checkModelFolders(models),
    cache: await checkCache(),
  };
}

function canDecode(name: (typeof formats)[number]): boolean {
  // sharp lists AVIF as the compression of a HEIF file.
  const format = name === 'avif' ? sharp.format.heif : sharp.format[name];
  return format.input.buffer;
}

async function listProviders(): Promise<string[]> {
  try {
    const runtime = (await loadOnnxRuntime()) as Partial<typeof import('onnxruntime-node')>;
    return (runtime.listSupportedBackends?.() ?? []).map(({ name }) => name);
  } catch {
    return [];
  }
}
