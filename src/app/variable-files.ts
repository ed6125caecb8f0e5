import { readFileSync } from "node:fs";

/** Variables whose value may be in a file, as containers mount secrets: `<NAME>_FILE` names it. */
export const variablesWithFiles = [
  "DATABASE_URL",
  "DATABASE_DIRECT_URL",
  "HAKIKA_ADMIN_KEY",
  "HAKIKA_SECRET_KEY",
  "HAKIKA_SMTP_URL",
] as const;

type FileTexts = { texts: Record<string, string>; problems: string[] };

/**
 * The texts of the files that `<NAME>_FILE` variables name, by NAME; a newline at the end is left out. Problems never
 * repeat a file's text. Both a variable and its file are a problem: one of them would be ignored.
 */
export function textsFromFiles(env: NodeJS.ProcessEnv): FileTexts {
  const texts: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of variablesWithFiles) {
    const file = env[`${name}_FILE`]?.trim();
    if (!file) continue;
    if (env[name]?.trim()) {
      problems.push(`${name}: is set, and so is ${name}_FILE; leave one of them out`);
      continue;
    }
    try {
      texts[name] = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    } catch (error) {
      const { code = "an error" } = error as NodeJS.ErrnoException;
      problems.push(`${name}_FILE: the file cannot be read (${code}); name a file that this user may read`);
      continue;
    }
    if (texts[name].trim() === "") problems.push(`${name}_FILE: the file is empty; write the value into it`);
  }
  return { texts, problems };
}
