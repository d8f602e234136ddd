import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as converter from '@gradcam/converter';
import * as node from '@gradcam/converter/node';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
};

describe('the package', () => {
  test('knows its version', () => {
    expect(converter.CONVERTER_VERSION).toBe(manifest.version);
  });

  test('depends on a tar reader and a Snappy decoder, and on nothing else', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['snappyjs', 'tar-stream']);
  });

  test('exports this, and nothing by accident', () => {
    expect(Object.keys(converter).sort()).toMatchInlineSnapshot(`
      [
        "CONVERTER_VERSION",
        "ChecksumError",
        "ConverterError",
        "DEFAULT_MODELS",
        "DEMO_MODELS",
        "DownloadError",
        "ELEMENT_BYTES",
        "FormatError",
        "LimitError",
        "LockedError",
        "MappingError",
        "NotFoundError",
        "PUBLISHED_MODELS",
        "UnsupportedError",
        "WEIGHT_DTYPES",
        "WriteError",
        "convertGraph",
        "convertKeras",
        "convertTorch",
        "convertWeights",
        "createMemoryFolder",
        "createMemorySource",
        "createMobileNetV1",
        "createResNetV1",
        "createResNetV2",
        "createVgg",
        "detectFileKind",
        "findTorchArchitecture",
        "getArchitecture",
        "getLabels",
        "isConverterError",
        "isGraphFile",
        "isKerasModel",
        "isTorchFile",
        "listArchitectures",
        "listTorchIds",
        "matchWeights",
        "openHttpFolder",
        "openHttpSource",
        "openWeights",
        "readCheckpointV1",
        "readCheckpointV2",
        "readFloat32Chunks",
        "readFrozenGraph",
        "readKerasArchive",
        "readKerasHdf5",
        "readLayersModel",
        "readNpy",
        "readNpz",
        "readSavedModel",
        "recogniseTorch",
        "requantizeModel",
        "requireCompleteMatch",
        "sliceSource",
      ]
    `);
    expect(Object.keys(node).sort()).toMatchInlineSnapshot(`
      [
        "acquireLock",
        "convertModel",
        "createScratchFolder",
        "discardDownload",
        "downloadFile",
        "fetchAndConvert",
        "findCacheDirectory",
        "identifyModelPath",
        "identifyTensorFlow",
        "inspectSource",
        "isKerasPath",
        "isTorchPath",
        "listSourceFiles",
        "openFileFolder",
        "openFileSource",
        "openSource",
        "removeDeadFolders",
        "replaceFile",
        "withDirectoryLock",
      ]
    `);
  });
});

describe('errors', () => {
  test('are told from others by one guard, and carry their fields', () => {
    const error: unknown = new converter.FormatError('npy', 'no magic', 3);
    expect(converter.isConverterError(error)).toBe(true);
    expect(error).toMatchObject({ tag: 'FormatError', format: 'npy', offset: 3 });
    expect(String(error)).toBe('FormatError: npy: no magic (byte 3)');
    expect(converter.isConverterError(new Error('npy: no magic'))).toBe(false);
  });
});
