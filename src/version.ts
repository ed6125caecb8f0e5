import { readFileSync } from "node:fs";
import path from "node:path";
import { packageFolder } from "./package-folder.ts";

/** The package's version. */
export const version = (
  JSON.parse(readFileSync(path.join(packageFolder, "package.json"), "utf8")) as { version: string }
).version;

export const userAgent = `Hakika/${version}`;
