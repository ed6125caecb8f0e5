import type { PropsWithChildren } from "hono/jsx";
import type { Tone } from "./tone.ts";

/** A paragraph that stands out. */
export function Notice({ tone, children }: PropsWithChildren<{ tone: Tone }>) {
  return (
    <p class={`notice ${tone}`} role="status">
      {children}
    </p>
  );
}

/** Why something failed. Screen readers announce it at once. */
export function ErrorNotice({ children }: PropsWithChildren) {
  return (
    <p class="notice danger" role="alert">
      {children}
    </p>
  );
}

/** What stands in place of an empty list. */
export function EmptyNote({ children }: PropsWithChildren) {
  return <p class="empty">{children}</p>;
}
