import { isConverterError, type ConverterErrorTag } from '@gradcam/converter';
import { isGradcamError, type GradcamErrorKind } from '@gradcam/core';
import { CommandError, exitCodes, type ExitCode } from './exit-codes.ts';

const codeOfKind: Readonly<Record<GradcamErrorKind, ExitCode>> = {
  model: exitCodes.badData,
  unsupported: exitCodes.badData,
  image: exitCodes.badData,
  'not-found': exitCodes.usage,
  argument: exitCodes.usage,
  engine: exitCodes.engineUnavailable,
};

const codeOfTag: Readonly<Record<ConverterErrorTag, ExitCode>> = {
  FormatError: exitCodes.badData,
  UnsupportedError: exitCodes.badData,
  ChecksumError: exitCodes.badData,
  LimitError: exitCodes.badData,
  MappingError: exitCodes.badData,
  NotFoundError: exitCodes.noInput,
  DownloadError: exitCodes.downloadFailed,
  LockedError: exitCodes.cannotCreate,
  WriteError: exitCodes.cannotWrite,
};

const codeOfSystemError: Readonly<Record<string, ExitCode>> = {
  ENOENT: exitCodes.noInput,
  EACCES: exitCodes.cannotWrite,
  EROFS: exitCodes.cannotCreate,
  ENOSPC: exitCodes.cannotWrite,
  EDQUOT: exitCodes.cannotWrite,
  EIO: exitCodes.cannotWrite,
};

/** The exit code that an error means; null for a fault of ours, which deserves its stack. */
export function classifyError(error: unknown): ExitCode | null {
  if (error instanceof CommandError) return error.exitCode;
  if (isGradcamError(error)) return codeOfKind[error.kind];
  if (isConverterError(error)) return codeOfTag[error.tag];
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === undefined ? null : (codeOfSystemError[code] ?? null);
}
