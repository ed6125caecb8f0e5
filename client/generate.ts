import { writeFileSync } from "node:fs";
import { generatedFiles } from "./generated-files.ts";

// `npm run client:generate`: brings src/generated up to date with the API.
for (const [name, text] of Object.entries(await generatedFiles())) {
  writeFileSync(new URL(`src/generated/${name}`, import.meta.url), text);
}
