import { expect, test } from "vitest";
import { rooms as table } from "./rooms.ts";
import { importsOf, sourcesIn } from "./sources.ts";

const rooms = ["receive", "settle", "deliver", "answer", "reconcile", "outbox", "schedule"];
const doors = ["api", "console", "cli", "metrics", "tracing"];
const composers = ["cli", "app", "main.ts"];
const sources = sourcesIn("src");

/** `providers/daraja`, `providers/daraja/simulator`, `providers/kit`, `providers/interface`, `settle`, `main.ts`. */
function roomOf(file: string): string {
  const [room, second = "", third] = file.replace(/^src\//, "").split("/");
  if (file === "src/simulator/provider-simulator.ts") return "simulator/provider-simulator.ts";
  if (room !== "providers") return room!;
  if (second === "registry.ts") return "providers/registry.ts";
  if (second.endsWith(".ts")) return "providers/interface";
  return third === "simulator" ? `providers/${second}/simulator` : `providers/${second}`;
}

const isFolderOfProvider = (room: string) =>
  /^providers\/[\w-]+$/.test(room) && !["providers/kit", "providers/interface"].includes(room);
const isSimulatorOfProvider = (room: string) => /^providers\/[\w-]+\/simulator$/.test(room);

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
  return (
    allowed.includes(to) || (allowed.includes("providers") && /^providers\/(kit|interface|registry\.ts)$/.test(to))
  );
}

test("every room imports only what its row in the table allows", () => {
  const broken = edges().filter(({ from, to }) => {
    const allowed = table[from]?.mayImport;
    if (allowed === undefined) return false;
    if (to.startsWith("pkg:")) return allowed.some(name => name.startsWith("pkg:")) && !covers(allowed, to);
    return !covers(allowed, to);
  });
  expect(broken).toEqual([]);
});

test("a provider imports the domain, the interface and the kit, and nothing that reaches the world", () => {
  const allowed = ["domain", "providers/interface", "providers/kit", "pkg:node:crypto"];
  // Its simulator is loaded on demand, by `hakika simulate` alone.
  const isAllowed = ({ from, to }: { from: string; to: string }) => allowed.includes(to) || to === `${from}/simulator`;
  expect(edges().filter(edge => isFolderOfProvider(edge.from) && !isAllowed(edge))).toEqual([]);
  const eager = sources.filter(
    ({ file, text }) => isFolderOfProvider(roomOf(file)) && /^import [^;]*from "\.\/simulator\//m.test(text),
  );
  expect(eager.map(({ file }) => file)).toEqual([]);
  const reaching = sources
    .filter(({ file }) => isFolderOfProvider(roomOf(file)))
    .filter(({ text }) => /(?<![.\w])fetch\(|process\.env|Date\.now\(\)|new Date\(\)|Math\.random/.test(text));
  expect(reaching.map(({ file }) => file)).toEqual([]);
});

test("a provider's simulator uses the shared pieces, and none of the provider's own code", () => {
  const allowed = ["simulator", "simulator/provider-simulator.ts", "pkg:node:crypto"];
  expect(edges().filter(({ from, to }) => isSimulatorOfProvider(from) && !allowed.includes(to))).toEqual([]);
});

test("the domain has no clock of its own but for making ids", () => {
  const clocks = sources.filter(
    ({ file, text }) => file.startsWith("src/domain/") && /Date\.now\(\)|new Date\(\)|Math\.random/.test(text),
  );
  expect(clocks.map(({ file }) => file)).toEqual(["src/domain/ids.ts"]);
});

test("only the registry names every provider", () => {
  const naming = edges().filter(
    ({ from, to }) => isFolderOfProvider(to) || (isSimulatorOfProvider(to) && to !== `${from}/simulator`),
  );
  expect([...new Set(naming.map(({ file }) => file))]).toEqual(["src/providers/registry.ts"]);
});

test("no room imports the API, the console, the command line or the wiring", () => {
  const upwards = edges().filter(
    ({ from, to }) => rooms.includes(from) && (doors.includes(to) || ["main.ts", "app"].includes(to)),
  );
  expect(upwards).toEqual([]);
});

test("only the command line and main.ts import the wiring", () => {
  const importing = edges().filter(({ to }) => to === "app");
  expect([...new Set(importing.map(({ from }) => from))].sort()).toEqual(["cli", "main.ts"]);
});

test("only src/tracing imports OpenTelemetry, and only the wiring loads src/tracing", () => {
  const knowing = edges().filter(({ to }) => to.startsWith("pkg:@opentelemetry/"));
  expect([...new Set(knowing.map(({ from }) => from))]).toEqual(["tracing"]);
  // Types are gone at run time; an import of a value is loaded. open.ts loads the rest where there is a collector.
  const loading = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/^import (?!type )[^;]*?from "[./]+\/tracing\/([\w-]+)\.ts"/gm)].map(match => [file, match[1]]),
  );
  expect(loading).toEqual([
    ["src/app/telemetry.ts", "open"],
    ["src/app/tracing-variables.ts", "config"],
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
  const named = new Set([...Object.keys(table), ...doors, ...composers]);
  const unnamed = [...new Set(sources.map(({ file }) => roomOf(file)))].filter(
    room => !named.has(room) && !isFolderOfProvider(room) && !isSimulatorOfProvider(room) && !room.endsWith(".ts"),
  );
  expect(unnamed).toEqual([]);
});
