/**
 * The placeholder of an image's card: while the grid scrolls too fast for it to be seen, or until the card
 * is made.
 */
export function CardBox({ name }: { name: string }) {
  return (
    <article class="card card-box">
      <h2 class="card-name">{name}</h2>
    </article>
  );
}
