/** What stands at an image's place while it passes too fast to be seen, or until its card comes. */
export function CardBox({ name }: { name: string }) {
  return (
    <article class="card card-box">
      <h2 class="card-name">{name}</h2>
    </article>
  );
}
