import type { Command } from "commander";
import { apiCommand, commandGroup } from "../api-command.ts";
import { factsOf } from "../table.ts";

const phone = { name: "<phone>", description: "the number, such as +254712345678 or 0712345678" };

/** `hakika privacy`: answers a person who asks what is stored of them, or wants it erased. */
export function privacyCommand(): Command {
  return commandGroup("privacy", "what is stored of a person: export it, erase it", [
    apiCommand<Record<string, unknown>>({
      name: "export",
      description: "prints all that is stored of a person, as JSON",
      examples: ["hakika privacy export +254712345678 > person.json"],
      arguments: [phone],
      request: (_, number) => ({ method: "POST", path: "/v1/privacy/export", body: { phone: number } }),
      text: all => JSON.stringify(all, null, 2),
    }),
    apiCommand<Record<string, string | number>>({
      name: "erase",
      description: "erases a person for good; amounts, ids and statuses stay",
      examples: ["hakika privacy erase +254712345678"],
      arguments: [phone],
      request: (_, number) => ({ method: "POST", path: "/v1/privacy/erase", body: { phone: number } }),
      text: erased => factsOf(erased),
    }),
  ]);
}
