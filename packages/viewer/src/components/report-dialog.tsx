import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import {
  readReportSizes,
  reportAddress,
  reportFormats,
  type ReportFormat,
  type ReportSizes,
} from '../run/report.ts';
import type { View } from '../state/view.ts';
import { countOf, formatMegabytes } from '../text/format.ts';

const formatNames: Readonly<Record<ReportFormat, string>> = {
  kept: 'As in the run',
  webp: 'WebP',
  jpeg: 'JPEG',
};

/** Saves the shown images as one HTML file; says before how large the file will be. */
export function ReportDialog(props: {
  view: View;
  shown: number;
  /** What `shown` counts. */
  noun: string;
  onClose: () => void;
}) {
  const { view, shown, noun, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [format, setFormat] = useState<ReportFormat>('webp');
  const [sizes, setSizes] = useState<ReportSizes | { readonly failed: string } | null>(null);
  // The server does not know the other run.
  const isPossible = view.selection !== 'changed';

  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  useEffect(() => {
    if (!isPossible) return undefined;
    const stop = new AbortController();
    readReportSizes(view, stop.signal).then(setSizes, (error: Error) => {
      if (!stop.signal.aborted) setSizes({ failed: error.message });
    });
    return () => stop.abort();
  }, [isPossible]);

  const known = sizes !== null && 'bytes' in sizes ? sizes : null;
  const isTooLarge = known !== null && known.bytes[format] > known.most;
  return (
    <dialog
      ref={dialog}
      class="dialog report"
      aria-labelledby="report-title"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id="report-title">Save as one page</h2>
      <p>
        {countOf(shown, noun)} that {shown === 1 ? 'passes' : 'pass'} the filters, with their maps,
        in one HTML file that opens without a server.
      </p>
      {!isPossible && (
        <p class="message message-warning">
          Choose another selection than <b>Changed</b>: a page of one run cannot compare two.
        </p>
      )}
      {sizes !== null && 'failed' in sizes && (
        <p class="message message-bad" role="alert">
          {sizes.failed}
        </p>
      )}
      {isPossible && (
        <fieldset class="report-formats">
          <legend>Pictures</legend>
          {reportFormats.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="report-format"
                checked={one === format}
                onChange={() => setFormat(one)}
              />
              <span>{formatNames[one]}</span>
              <span class="report-size">
                {known === null ? '…' : `about ${formatMegabytes(known.bytes[one])}`}
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {known !== null && known.missing > 0 && (
        <p class="message message-warning">
          {countOf(known.missing, 'file')} {known.missing === 1 ? 'is' : 'are'} not in the run
          folder and will be left out.
        </p>
      )}
      {known !== null && isTooLarge && (
        <p class="message message-warning">
          A browser opens at most {formatMegabytes(known.most)} well as one page. Choose other
          pictures above, or fewer images with the filters.
        </p>
      )}
      <div class="dialog-buttons">
        {isPossible && !isTooLarge && (
          <a class="button button-main" href={reportAddress(view, format)} download="report.html">
            Save
          </a>
        )}
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </div>
    </dialog>
  );
}
