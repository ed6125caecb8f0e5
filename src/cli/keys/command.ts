import { Command } from "commander";
import type { Config } from "../../app/config.ts";
import { ensureGeneratedKeys } from "../../app/generated-keys.ts";
import { makeSecretBox } from "../../database/encryption.ts";
import { commandGroup } from "../api-command.ts";
import { configuration } from "../configuration.ts";
import { type CliDatabase, openCliDatabase } from "../database.ts";
import { printJson, printLine } from "../print.ts";
import { factsOf } from "../table.ts";
import { withResource } from "../with-resource.ts";
import { addGeneratedKey } from "./key-file.ts";
import { countSealed, type KeyUse, nameOf, resealAll } from "./reseal.ts";

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
  const { box: before, known } = boxOf(config);
  const { use, shut } = await countSealed(sql, before, known);
  refuseWhereShut(use, known, shut);
  // What is still sealed with an older key is a rotation that was stopped: it is finished first, without another key.
  const isUnfinished = Object.keys(use).some(id => id !== before.writesWith);
  const isGenerated = config.secretKeys === null;
  const added = isGenerated && !isUnfinished ? addGeneratedKey(config.dataDir) : null;
  const { box, known: keys } = boxOf(config);
  const showProgress = !json && process.stderr.isTTY;
  const { resealed, columns } = await resealAll(sql, box, (column, count) => {
    if (showProgress) process.stderr.write(`\r${nameOf(column)}: ${count}   `);
  });
  if (showProgress) process.stderr.write("\n");
  const { use: after } = await countSealed(sql, box, keys);
  const report = { key: box.writesWith, key_added: added !== null, resealed, columns, values_by_key: after };
  if (json) printJson(report);
  else printLine(textOf(report, after, isGenerated));
}

function boxOf(config: Config) {
  const keys = ensureGeneratedKeys({ ...config, adminKey: config.adminKey ?? "not looked at" }).secretKeys;
  return { box: makeSecretBox(keys), known: new Set(keys.map(({ id }) => id)) };
}

/** Nothing is rotated while a value cannot be read: who then takes the old key away would lose it. */
function refuseWhereShut(use: KeyUse, known: ReadonlySet<string>, shut: KeyUse): void {
  const missing = Object.keys(use).filter(id => !known.has(id));
  if (missing.length === 0 && Object.keys(shut).length === 0) return;
  const reasons = [
    ...missing.map(id => `key ${id} is not in the list, and ${use[id]} values are sealed with it`),
    ...Object.entries(shut).map(([column, count]) => `${count} values of ${column} do not open with the key they name`),
  ];
  throw new Error(
    `nothing was rotated:\n${reasons.map(each => `  - ${each}`).join("\n")}\nhakika doctor says what to do about it`,
  );
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
