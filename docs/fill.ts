import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../", import.meta.url));

/** README.md, CONTRIBUTING.md and every page below docs, relative to the project. */
export function pages(): string[] {
  const below = readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" });
  return ["README.md", "CONTRIBUTING.md", ...below.filter(name => name.endsWith(".md")).map(name => `docs/${name}`)]
    .map(name => name.split(path.sep).join("/"))
    .sort();
}

const marker = /(<!-- generated: ([^>]+?) -->\n)[\s\S]*?(<!-- \/generated -->)/g;

/**
 * A page with every marked place filled anew. `file: NAME` takes a file of the project as code. Throws for an unknown
 * name.
 */
export function filled(text: string, tables: Record<string, string>): string {
  return text.replace(marker, (_all, begin: string, name: string, end: string) => {
    const content = name.startsWith("file: ") ? fileAsCode(name.slice("file: ".length)) : tables[name];
    if (content === undefined) throw new Error(`nothing generates "${name}"`);
    return `${begin}\n${content}\n\n${end}`;
  });
}

function fileAsCode(name: string): string {
  const language = path.extname(name).slice(1).replace("mjs", "js");
  return `\`\`\`${language}\n${readFileSync(path.join(root, name), "utf8").trimEnd()}\n\`\`\``;
}
