import { GradcamError, type Probe } from '@gradcam/core';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The keys of `userDefinedMetadata` under which our converter records a conversion. */
const KEYS = ['gradcam', 'gradcamConversion'] as const;

/** What a conversion recorded: the digests of the shards and, later, the probe. */
export interface RecordedConversion {
  /** The sha256 of each shard in hexadecimal, by the name of its file. */
  readonly shards: Readonly<Record<string, string>>;
  readonly probe?: Probe;
}

/** A `model.json` of our converter with its record. */
export interface RecordedModel {
  /** The text of the file. */
  readonly text: string;
  readonly record: RecordedConversion;
  /** Whether the record is a part of the block that describes the whole model. */
  readonly isDescribed: boolean;
  /** The text with another record. */
  write(record: RecordedConversion): string;
}

/**
 * Reads the record of a conversion. It stands in the block `gradcam`, which describes the whole model, or
 * alone in the block `gradcamConversion` of models of Keras, which say nothing about pictures.
 *
 * @returns null for a model of another program.
 * @throws GradcamError `model` for a block that is none of ours.
 */
export async function readRecord(folder: string): Promise<RecordedModel | null> {
  const text = await readFile(path.join(folder, 'model.json'), 'utf8');
  const json = JSON.parse(text) as { userDefinedMetadata?: Record<string, unknown> | null };
  const metadata = json.userDefinedMetadata ?? {};
  const key = KEYS.find((one) => metadata[one] !== undefined);
  if (key === undefined) return null;
  const record = metadata[key] as RecordedConversion | null;
  const digests = Object.values(record?.shards ?? { none: null });
  if (record === null || digests.some((digest) => typeof digest !== 'string')) {
    throw new GradcamError(
      'model',
      `model.json userDefinedMetadata.${key}.shards: expected an object of digests`,
    );
  }
  return {
    text,
    record,
    isDescribed: key === 'gradcam',
    write: (next) =>
      JSON.stringify({
        ...json,
        userDefinedMetadata: { ...metadata, [key]: { ...record, ...next } },
      }),
  };
}
