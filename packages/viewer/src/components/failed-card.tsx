import type { FailedEntry } from '../run/entry.ts';

/** Shows an image that could not be explained, with the reason. */
export function FailedCard({ entry }: { entry: FailedEntry }) {
  return (
    <article class="card card-failed">
      <h2 class="card-name" title={entry.image}>
        {entry.name}
      </h2>
      <p class="message message-bad" title={entry.line.error}>
        <strong>Failed.</strong>{' '}
        {entry.line.question !== undefined && `Asked “${entry.line.question}”: `}
        {entry.line.error}
      </p>
    </article>
  );
}
