import { expect, test } from "vitest";
import { importsOf, sourcesIn } from "./sources.ts";

/**
 * Who may import whom below `src/`: the picture of docs/concepts.md. A room is a folder, or a file at the top; a name that ends in
 * `.ts` is one file of a room. `pkg:` names a package; where a row names none, any may be used.
 */
const mayImport: Record<string, readonly string[]> = {
  // Pure: no clock, no database, no network.
  domain: ["pkg:libphonenumber-js/min", "pkg:node:crypto"],
  // The guarded way out knows addresses and bytes, nothing of payments.
  egress: [],
  // Starts PostgreSQL, and knows nothing of Hakika.
  "embedded-postgres": [],
  // Group commit, one runner per shard, halving, throttled logging: nothing of payments either.
  batch: [],
  // What it is configured with: the type of Config.
  database: ["domain", "embedded-postgres", "batch", "app"],
  connections: ["domain", "database", "egress", "providers/provider.ts"],
  "providers/provider.ts": ["domain", "providers/call.ts"],
  "providers/call.ts": ["providers/provider.ts"],
  "providers/can-poll.ts": ["domain", "providers/provider.ts"],
  "providers/kit": ["domain", "providers/provider.ts", "providers/call.ts"],
  // Events of the rooms, for metrics, log and traces: plain data.
  telemetry: ["domain"],
  outbox: ["domain", "database"],
  schedule: ["domain", "database", "connections", "providers"],
  answer: ["domain", "database", "connections", "egress", "providers", "batch", "telemetry", "outbox"],
  settle: ["domain", "database", "connections", "providers", "batch", "telemetry", "outbox", "schedule", "answer"],
  deliver: ["domain", "database", "egress", "batch", "telemetry", "outbox"],
  // The second door into Settle: it hands over evidence.
  reconcile: ["domain", "database", "connections", "egress", "providers", "batch", "telemetry", "schedule", "settle"],
  receive: ["domain", "database", "connections", "egress", "providers", "batch", "telemetry", "answer"],
};

const rooms = ["receive", "settle", "deliver", "answer", "reconcile", "outbox", "schedule"];
const doors = ["api", "console", "cli", "metrics", "tracing", "simulator"];
const composers = ["cli", "app", "main.ts"];
const sources = sourcesIn("src");

/** `providers/daraja`, `providers/kit`, `providers/call.ts`, `settle`, `main.ts`. */
function roomOf(file: string): string {
  const parts = file.replace(/^src\//, "").split("/");
  return parts[0] === "providers" ? parts.slice(0, 2).join("/") : parts[0]!;
}

const isFolderOfProvider = (room: string) => /^providers\/[^.]+$/.test(room) && room !== "providers/kit";

function edges(): { from: string; to: string; file: string }[] {
  return sources.flatMap(source =>
    importsOf(source)
      .map(name => ({
        from: roomOf(source.file),
        to: name.startsWith("src/") ? roomOf(name) : `pkg:${name}`,
        file: source.file,
      }))
      .filter(({ from, to }) => from !== to),
  );
}

function covers(allowed: readonly string[], to: string): boolean {
  return allowed.includes(to) || (allowed.includes("providers") && /^providers\/(kit|[\w-]+\.ts)$/.test(to));
}

test("every room imports only what its row in the table allows", () => {
  const broken = edges().filter(({ from, to }) => {
    const allowed = mayImport[from];
    if (allowed === undefined) return false;
    if (to.startsWith("pkg:")) return allowed.some(name => name.startsWith("pkg:")) && !covers(allowed, to);
    return !covers(allowed, to);
  });
  expect(broken).toEqual([]);
});

test("a provider imports the domain, the interface and the kit, and nothing that reaches the world", () => {
  const allowed = ["domain", "providers/provider.ts", "providers/call.ts", "providers/kit", "pkg:node:crypto"];
  expect(edges().filter(({ from, to }) => isFolderOfProvider(from) && !allowed.includes(to))).toEqual([]);
  const reaching = sources
    .filter(({ file }) => isFolderOfProvider(roomOf(file)))
    .filter(({ text }) => /(?<![.\w])fetch\(|process\.env|Date\.now\(\)|new Date\(\)|Math\.random/.test(text));
  expect(reaching.map(({ file }) => file)).toEqual([]);
});

test("the domain has no clock of its own but for making ids", () => {
  const clocks = sources.filter(
    ({ file, text }) => file.startsWith("src/domain/") && /Date\.now\(\)|new Date\(\)|Math\.random/.test(text),
  );
  expect(clocks.map(({ file }) => file)).toEqual(["src/domain/ids.ts"]);
});

test("only the registry names every provider", () => {
  const naming = edges().filter(({ from, to }) => isFolderOfProvider(to) && from !== to);
  expect([...new Set(naming.map(({ file }) => file))].filter(file => !/^src\/(simulator|cli)\//.test(file))).toEqual([
    "src/providers/registry.ts",
  ]);
});

test("no room knows who stands behind it: the API, the console, the command line or the composition root", () => {
  const upwards = edges().filter(
    ({ from, to }) => rooms.includes(from) && (doors.includes(to) || ["main.ts", "app"].includes(to)),
  );
  expect(upwards).toEqual([]);
});

test("only the room of traces knows OpenTelemetry, and only the composition root the room, when there is a collector", () => {
  const knowing = edges().filter(({ to }) => to.startsWith("pkg:@opentelemetry/"));
  expect([...new Set(knowing.map(({ from }) => from))]).toEqual(["tracing"]);
  // Types are gone at run time; what is imported as a value is loaded.
  const loading = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/^import (?!type )[^;]*?from "[./]+\/tracing\/([\w-]+)\.ts"/gm)].map(match => [file, match[1]]),
  );
  expect(loading).toEqual([
    ["src/app/compose.ts", "open"],
    ["src/app/config.ts", "variables"],
    ["src/app/variables.ts", "variables"],
  ]);
});

test("only the command line starts the program, and nothing else composes it", () => {
  const starting = edges().filter(({ to }) => to === "main.ts");
  expect([...new Set(starting.map(({ from }) => from))]).toEqual(["cli"]);
  const readingTheEnvironment = edges().filter(
    ({ to, file }) => to === "app" && /import \{[^}]*\bloadConfig\b/.test(sources.find(s => s.file === file)!.text),
  );
  expect(readingTheEnvironment.filter(({ from }) => !composers.includes(from))).toEqual([]);
});

test("every room of the tree stands in the table, is a door, or composes", () => {
  const named = new Set([...Object.keys(mayImport), ...doors, ...composers]);
  const unnamed = [...new Set(sources.map(({ file }) => roomOf(file)))].filter(
    room => !named.has(room) && !isFolderOfProvider(room) && !room.endsWith(".ts"),
  );
  expect(unnamed).toEqual([]);
});
