import type { Child } from "hono/jsx";

/** A name and its value. An entry without a value is left out. */
export type Fact = [name: string, value: Child];

/** Names and values, one below the other. */
export function Facts({ entries }: { entries: Fact[] }) {
  const present = entries.filter(
    ([, value]) => value !== null && value !== undefined && value !== "" && value !== false,
  );
  if (present.length === 0) return null;
  return (
    <dl class="facts">
      {present.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
