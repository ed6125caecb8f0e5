import { Command } from "commander";
import type { Config } from "../../app/config.ts";
import { ensureGeneratedKeys } from "../../app/generated-keys.ts";
import { makeSecretBox } from "../../database/encryption.ts";
import { oneAtATime } from "../../database/one-at-a-time.ts";
import { commandGroup } from "../api-command.ts";
import { configuration } from "../configuration.ts";
import { type CliDatabase, openCliDatabase } from "../database.ts";
import { printJson, printLine } from "../print.ts";
import { factsOf } from "../table.ts";
import { withResource } from "../with-resource.ts";
import { addGeneratedKey } from "./key-file.ts";
import { countSealed, nameOf, resealAll, type SealedCounts, type ValueCounts } from "./reseal.ts";

/** `hakika keys`: the keys that seal credentials and secrets. */
export function keysCommand(): Command {
  const rotate = new Command("rotate")
    .description("seals all credentials and secrets again, with the first key of HAKIKA_SECRET_KEY")
    .option("--json", "print JSON")
    .addHelpText("after", instructions)
    .action(async (options: { json?: boolean }) => {
      const config = configuration();
      await withResource(
        () => openCliDatabase(config),
        async database => {
          const work = () => rotateKeys(config, database, options.json === true);
          const { kind } = await oneAtATime(database.sql, "key rotation", work);
          if (kind === "busy") throw new Error("another rotation is under way: wait until it has ended");
        },
      );
    });
  return commandGroup("keys", "the keys that seal credentials and secrets", [rotate]);
}

const instructions = `
With HAKIKA_SECRET_KEY:
  1. set the list new:<base64>,old:<base64> for every process (openssl rand -base64 32 makes a key), and restart them
  2. hakika keys rotate, with the same list
  3. when it reports that nothing is sealed with the old key, remove that key from the list
Without it, the command adds a new key before the old one in secret.key of the data folder, which running servers read
again. The command may run beside servers, and may be stopped and repeated at any time.`;

async function rotateKeys(config: Config, { sql }: CliDatabase, json: boolean): Promise<void> {
  const { box: before, known } = boxOf(config);
  const counts = await countSealed(sql, before, known);
  refuseIfUnopened(counts, known);
  // Values of an older key are left from a rotation that was stopped. It is finished first, without another new key.
  const isUnfinished = Object.keys(counts.byKey).some(id => id !== before.writesWith);
  const isGenerated = config.secretKeys === null;
  const added = isGenerated && !isUnfinished ? addGeneratedKey(config.dataDir) : null;
  const { box, known: keys } = boxOf(config);
  const showProgress = !json && process.stderr.isTTY;
  const { resealed, columns } = await resealAll(sql, box, (column, count) => {
    if (showProgress) process.stderr.write(`\r${nameOf(column)}: ${count}   `);
  });
  if (showProgress) process.stderr.write("\n");
  const { byKey: after } = await countSealed(sql, box, keys);
  const report = { key: box.writesWith, key_added: added !== null, resealed, columns, values_by_key: after };
  if (json) printJson(report);
  else printLine(textOf(report, after, isGenerated));
}

function boxOf(config: Config) {
  const keys = ensureGeneratedKeys(
    { ...config, adminKey: config.adminKey ?? "not used here" },
    { makesSecretKey: false },
  ).secretKeys;
  return { box: makeSecretBox(keys), known: new Set(keys.map(({ id }) => id)) };
}

/** Throws where a value does not open: an operator who then removed the old key would lose the value. */
function refuseIfUnopened({ byKey, unopened }: SealedCounts, known: ReadonlySet<string>): void {
  const missing = Object.keys(byKey).filter(id => !known.has(id));
  if (missing.length === 0 && Object.keys(unopened).length === 0) return;
  const reasons = [
    ...missing.map(id => `key ${id} is not in the list, and seals ${byKey[id]} values`),
    ...Object.entries(unopened).map(
      ([column, count]) => `${count} values of ${column} do not open with the key they name`,
    ),
  ];
  throw new Error(
    `nothing was rotated:\n${reasons.map(each => `  - ${each}`).join("\n")}\nhakika doctor says what to do`,
  );
}

type Report = { key: string; key_added: boolean; resealed: number; columns: Record<string, number> };

function textOf({ key, key_added, resealed, columns }: Report, after: ValueCounts, isGenerated: boolean): string {
  const old = Object.entries(after).filter(([id]) => id !== key);
  const added = key_added ? ", the new first key of secret.key" : "";
  const summary = `${resealed} values sealed again with key ${key}${added}`;
  const perColumn = factsOf(Object.fromEntries(Object.entries(columns).filter(([, count]) => count > 0)));
  return [summary, perColumn, old.length === 0 ? doneText(isGenerated) : leftText(old, key)].filter(Boolean).join("\n");
}

function doneText(isGenerated: boolean): string {
  const next = isGenerated ? "keep secret.key with your backups" : "older keys can be removed from HAKIKA_SECRET_KEY";
  return `Nothing is sealed with another key: ${next}.`;
}

function leftText(old: [string, number][], key: string): string {
  const keys = old.map(([id, count]) => `${id} (${count})`).join(", ");
  return `Still sealed with other keys: ${keys}. A server without key ${key} wrote them: restart it, then repeat.`;
}
