/** A time as `2025-10-18 20:30:26`, UTC; a dash for none. */
export function Time({ at }: { at: string | null | undefined }) {
  if (!at) return <>–</>;
  return (
    <time datetime={at} title={at}>
      {at.slice(0, 10)} {at.slice(11, 19)}
    </time>
  );
}
