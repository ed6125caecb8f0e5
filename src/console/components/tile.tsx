import type { Child } from "hono/jsx";
import type { Tone } from "./tone.ts";

type TileProps = { label: Child; value: string | number; tone: Tone; note?: string | null };

/** A number with its name, and a note below it. */
export function Tile({ label, value, tone, note = null }: TileProps) {
  return (
    <div class={`tile ${tone}`}>
      <span class="value">{value}</span>
      <span class="label">{label}</span>
      {note !== null && <small>{note}</small>}
    </div>
  );
}

/** A number with its name that leads to the list behind it. */
export function LinkTile({ label, value, tone, href }: Omit<TileProps, "note"> & { href: string }) {
  return (
    <a class={`tile ${tone}`} href={href}>
      <span class="value">{value}</span>
      <span class="label">{label}</span>
    </a>
  );
}
