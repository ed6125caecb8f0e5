import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../architecture/sources.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { request, startTestHakika } from "../support/hakika.ts";
import { complaintsOf, deployed, isHere, type Loaded, textOf, yamlOf } from "./files.ts";

let database: TestDatabase;
/** The names of every series that the program shows. */
let shown: Set<string>;
beforeAll(async () => {
  database = await testDatabase();
  const running = await startTestHakika(database.url);
  const { text } = await request("GET", `${running.url}/metrics`);
  await running.stop();
  shown = new Set(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
      type === "histogram" ? ["_bucket", "_sum", "_count"].map(end => name + end) : [name!],
    ),
  );
});
afterAll(() => database?.drop());

const rules: Loaded[] = yamlOf("prometheus/hakika.rules.yml").groups.flatMap((group: Loaded) => group.rules);
const board: Loaded = JSON.parse(textOf("grafana/hakika.json"));
const seriesIn = (expression: string) => expression.match(/\b(?:hakika|process|nodejs)_\w+/g) ?? [];

test("every series of a rule and of the dashboard is one that the program shows", () => {
  const expressions = [
    ...rules.map(({ expr }) => expr),
    ...board.panels.flatMap((panel: Loaded) => panel.targets.map(({ expr }: Loaded) => expr)),
  ];
  expect(expressions.length).toBeGreaterThan(30);
  const named = [...new Set(expressions.flatMap(seriesIn))];
  expect(named.filter(name => !shown.has(name))).toEqual([]);
});

test("every alert has a severity, and leads to a section of the operating page", () => {
  const page = readFileSync(path.join(root, "docs/operating.md"), "utf8");
  const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!.toLowerCase().replaceAll(" ", "-"));
  for (const { alert, labels, annotations } of rules) {
    expect(["critical", "warning"], alert).toContain(labels.severity);
    expect(annotations.summary.length, alert).toBeGreaterThan(10);
    const [file, anchor] = annotations.runbook.split("#");
    expect([file, anchors.includes(anchor)], alert).toEqual(["docs/operating.md", true]);
  }
});

test("the dashboard's panels have titles of their own and do not overlap", () => {
  const titles = board.panels.map(({ title }: Loaded) => title);
  expect(new Set(titles).size).toBe(titles.length);
  const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }: Loaded) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});

test.skipIf(!isHere("promtool", "--version"))("promtool takes the rules and the configuration", () => {
  expect(complaintsOf("promtool", "check", "rules", deployed("prometheus/hakika.rules.yml"))).toBe("");
  expect(complaintsOf("promtool", "check", "config", deployed("prometheus/prometheus.example.yml"))).toBe("");
});
