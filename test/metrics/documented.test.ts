import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";

const root = path.join(import.meta.dirname, "../..");
const page = readFileSync(path.join(root, "docs/metrics.md"), "utf8");

it("docs/metrics.md names every metric of the code, and no other", () => {
  const sources = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter(name => name.endsWith(".ts"))
    .map(name => readFileSync(path.join(root, "src", name), "utf8"));
  const inCode = sources.flatMap(text => text.match(/"hakika_[a-z_]+"/g) ?? []).map(name => name.slice(1, -1));
  const metrics = inCode.filter(name => !["hakika_session", "hakika_program"].includes(name));
  const documented = [...page.matchAll(/^\| `(hakika_[a-z_]+)` \|/gm)].map(([, name]) => name);
  expect(documented.sort()).toEqual([...new Set(metrics)].sort());
});
