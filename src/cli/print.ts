import { visible } from "./visible.ts";

/** Prints one JSON document. */
export function printJson(value: unknown): void {
  process.stdout.write(`${visible(JSON.stringify(value, null, 2))}\n`);
}

/** Prints text for people. What a terminal would obey is shown escaped. */
export function printLine(text: string): void {
  process.stdout.write(`${visible(text)}\n`);
}
