import { isConverterError, type ConverterErrorTag } from '@gradcam/converter';
import { classifyRunError } from './classify-run-error.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';

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

/** The exit code for an error. It is null for a fault of this program, which is printed with its stack. */
export function classifyError(error: unknown): ExitCode | null {
  return isConverterError(error) ? codeOfTag[error.tag] : classifyRunError(error);
}
