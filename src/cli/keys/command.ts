import { Command } from "commander";
import type { Config } from "../../config.ts";
import { makeSecretBox } from "../../database/encryption.ts";
import { ensureGeneratedKeys } from "../../generated-keys.ts";
import { commandGroup } from "../api-command.ts";
import { configuration } from "../configuration.ts";
import { type CliDatabase, openCliDatabase } from "../database.ts";
import { printJson, printLine } from "../print.ts";
import { factsOf } from "../table.ts";
import { withResource } from "../with-resource.ts";
import { addGeneratedKey } from "./key-file.ts";
import { type KeyUse, keysInUse, nameOf, resealAll } from "./rotate.ts";

/** `hakika keys`: the keys that credentials and secrets are sealed with. */
export function keysCommand(): Command {
  const rotate = new Command("rotate")
    .description(
      "seals all stored credentials and secrets with the first key of HAKIKA_SECRET_KEY, beside running servers",
    )
    .option("--json", "print JSON")
    .addHelpText("after", how)
    .action(async (options: { json?: boolean }) => {
      const config = configuration();
      await withResource(
        () => openCliDatabase(config),
        database => rotateKeys(config, database, options.json === true),
      );
    });
  return commandGroup("keys", "the keys that credentials and secrets are sealed with", [rotate]);
}

const how = `
With HAKIKA_SECRET_KEY:
  1. give every process the list new:<base64>,old:<base64> (a key comes from: openssl rand -base64 32) and restart it
  2. hakika keys rotate, with the same list
  3. once it says that nothing is sealed with the old key, take it out of the list
Without it, a new key is put before the old in secret.key of the data folder; running servers read it from there.
It may be stopped and repeated at any time.`;

async function rotateKeys(config: Config, { sql }: CliDatabase, json: boolean): Promise<void> {
  const before = boxOf(config);
  const used = await keysInUse(sql, before);
  // What is still sealed with an older key is a rotation that was stopped: it is finished first, without another key.
  const isUnfinished = Object.keys(used).some(id => id !== before.writesWith);
  const isGenerated = config.secretKeys === null;
  const added = isGenerated && !isUnfinished ? addGeneratedKey(config.dataDir) : null;
  const box = boxOf(config);
  const showProgress = !json && process.stderr.isTTY;
  const { resealed, columns } = await resealAll(sql, box, (column, count) => {
    if (showProgress) process.stderr.write(`\r${nameOf(column)}: ${count}   `);
  });
  if (showProgress) process.stderr.write("\n");
  const after = await keysInUse(sql, box);
  const report = { key: box.writesWith, key_added: added !== null, resealed, columns, values_by_key: after };
  if (json) printJson(report);
  else printLine(textOf(report, after, isGenerated));
}

function boxOf(config: Config) {
  return makeSecretBox(ensureGeneratedKeys({ ...config, adminKey: config.adminKey ?? "not looked at" }).secretKeys);
}

type Report = { key: string; key_added: boolean; resealed: number; columns: Record<string, number> };

function textOf({ key, key_added, resealed, columns }: Report, after: KeyUse, isGenerated: boolean): string {
  const old = Object.entries(after).filter(([id]) => id !== key);
  const done = `${resealed} values sealed anew with key ${key}${key_added ? ", which was put first in secret.key" : ""}`;
  const perColumn = factsOf(Object.fromEntries(Object.entries(columns).filter(([, count]) => count > 0)));
  const left =
    old.length === 0
      ? `Nothing is sealed with another key: ${isGenerated ? "keep secret.key with your backups" : "older keys may leave HAKIKA_SECRET_KEY"}.`
      : `Still sealed with other keys: ${old.map(([id, count]) => `${id} (${count})`).join(", ")}. A server that does not know key ${key} yet wrote them: restart it, then repeat.`;
  return [done, perColumn, left].filter(Boolean).join("\n");
}
