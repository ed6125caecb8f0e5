import { chmodSync, mkdtempSync } from "node:fs";
import path from "node:path";
import { inject } from "vitest";

/** A new, empty data folder of this run, below a folder with these permissions. */
export function newDataFolder(parentMode = 0o755): string {
  const parent = mkdtempSync(path.join(inject("runFolder"), "data-"));
  chmodSync(parent, parentMode);
  return path.join(parent, "data");
}
