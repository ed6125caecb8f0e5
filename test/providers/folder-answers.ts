import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a provider's API answers to the calls of its folder, and what the calls are made with. Invented. */
type FolderAnswers = {
  refs: Record<string, string>;
  credentials: Record<string, string>;
  answers: object[];
};

/** Reads `test/providers/<provider>/answers.json`. */
export function answersOfFolder(provider: string): FolderAnswers {
  return JSON.parse(readFileSync(join(import.meta.dirname, provider, "answers.json"), "utf8")) as FolderAnswers;
}
