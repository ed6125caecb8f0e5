import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this package, from its sources as from its bundle. */
export const packageFolder = folderWithPackage(path.dirname(fileURLToPath(import.meta.url)));

function folderWithPackage(folder: string): string {
  return existsSync(path.join(folder, "package.json")) ? folder : folderWithPackage(path.dirname(folder));
}
