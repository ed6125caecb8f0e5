import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export type Source = { file: string; text: string };

/** Files below a folder of the project whose names match, with their texts; names relative to the project, with `/`. */
export function sourcesIn(folder: string, names: RegExp = /\.tsx?$/): Source[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter(entry => entry.isFile() && names.test(entry.name))
    .map(entry => path.join(entry.parentPath, entry.name))
    .filter(file => !file.includes(`${path.sep}node_modules${path.sep}`))
    .map(file => ({
      file: path.relative(root, file).split(path.sep).join("/"),
      text: readFileSync(file, "utf8"),
    }))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** What a source imports: project files as `src/…`, packages and `node:` as they are written. */
export function importsOf({ file, text }: Source): string[] {
  return [
    ...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\(\s*"([^"]+)"|^import\s+"([^"]+)"/gm),
  ].map(match => {
    const name = (match[1] ?? match[2] ?? match[3])!;
    return name.startsWith(".") ? path.posix.normalize(path.posix.join(path.posix.dirname(file), name)) : name;
  });
}
