import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { importsOf, root, sourcesIn } from "../architecture/sources.ts";

/** A queue in the database stands before these: no file of the path imports them. */
const afterQueue = ["src/settle/inbox/worker.ts", "src/deliver/queue/dispatcher.ts"];
const filesMax = 30;

const text = readFileSync(path.join(root, "docs/concepts.md"), "utf8");
const section = /^## The path of one callback\n([\s\S]*?)^## /m.exec(text)![1]!;
const steps = [...section.matchAll(/^\d+\. `([\w./-]+)`/gm)].map(match => `src/${match[1]}`);
const sources = new Map(sourcesIn("src").map(source => [source.file, source]));

test("the path of one callback goes from receive to egress in at most 30 files, none of them the wiring", () => {
  expect(steps.length).toBeGreaterThan(15);
  expect(steps.length).toBeLessThanOrEqual(filesMax);
  expect([steps[0], steps.at(-1)]).toEqual(["src/receive/routes.ts", "src/egress/client.ts"]);
  expect(new Set(steps).size).toBe(steps.length);
  expect(steps.filter(file => !sources.has(file))).toEqual([]);
  expect(steps.filter(file => file.startsWith("src/app/") || file === "src/main.ts")).toEqual([]);
});

test("each file of the path is imported by an earlier one", () => {
  const importsOfFile = (file: string) => importsOf(sources.get(file)!);
  const unreached = steps.filter(
    (file, at) => at > 0 && !afterQueue.includes(file) && !steps.slice(0, at).flatMap(importsOfFile).includes(file),
  );
  expect(unreached).toEqual([]);
});
