import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { filled, pages, root } from "./fill.ts";
import { tables } from "./tables.ts";

// `npm run docs:tables`: brings what the documents say of the code up to date.
const current = await tables();
for (const page of pages()) {
  const file = path.join(root, page);
  const before = readFileSync(file, "utf8");
  const after = filled(before, current);
  if (after === before) continue;
  writeFileSync(file, after);
  console.log(`${page}: brought up to date`);
}
