import type { Config } from "../../app/config.ts";
import { ensureGeneratedKeys } from "../../app/generated-keys.ts";
import type { Sql } from "../../database/connect.ts";
import { makeSecretBox, type SecretBox } from "../../database/encryption.ts";
import { countSealed, type KeyUse } from "../keys/reseal.ts";
import { counted, type DoctorFinding, note, problem } from "./finding.ts";

/** Whether every sealed value has its key, and opens with it. Answers the box too. */
export async function checkKeys(config: Config, sql: Sql): Promise<{ findings: DoctorFinding[]; box: SecretBox }> {
  const keys = ensureGeneratedKeys({ ...config, adminKey: config.adminKey ?? "not looked at" }).secretKeys;
  const box = makeSecretBox(keys);
  const known = new Set(keys.map(({ id }) => id));
  const { use, shut } = await countSealed(sql, box, known);
  const where = config.secretKeys === null ? "secret.key of the data folder" : "HAKIKA_SECRET_KEY";
  return { box, findings: findingsOf({ use, shut, known, writesWith: box.writesWith, where }) };
}

type Seen = { use: KeyUse; shut: KeyUse; known: ReadonlySet<string>; writesWith: string; where: string };

function findingsOf({ use, shut, known, writesWith, where }: Seen): DoctorFinding[] {
  const found: DoctorFinding[] = [];
  const missing = pick(use, id => !known.has(id));
  const old = pick(use, id => known.has(id) && id !== writesWith);
  if (sum(missing) > 0) {
    const todo = `put them back into ${where}, after the first (from a backup: nothing else opens these values)`;
    found.push(problem(`values are sealed with keys that are missing: ${listOf(missing)}`, todo));
  }
  if (sum(shut) > 0) found.push(shutFinding(shut, sum(shut) === sum(pick(use, id => known.has(id))), where));
  if (sum(old) > 0) found.push(note(`values are sealed with older keys: ${listOf(old)}`, "hakika keys rotate"));
  return found;
}

/** All of them shut: the key is another. Some: rows were changed. */
function shutFinding(shut: KeyUse, isAll: boolean, where: string): DoctorFinding {
  const what = counted(sum(shut), "sealed value does not open", "sealed values do not open");
  return isAll
    ? problem(
        `${what}: ${where} has another key, under the same id, than the one that sealed them`,
        "put that one back; a new key goes before it, under an id of its own: new:<base64>,1:<base64>",
      )
    : problem(
        `${what}, changed or moved by somebody: ${listOf(shut)}`,
        "restore those rows from a backup, or set anew what they hold: credentials, verification, secrets",
      );
}

function pick(use: KeyUse, wanted: (id: string) => boolean): KeyUse {
  return Object.fromEntries(Object.entries(use).filter(([id]) => wanted(id)));
}

function sum(use: KeyUse): number {
  return Object.values(use).reduce((total, count) => total + count, 0);
}

function listOf(use: KeyUse): string {
  return Object.entries(use)
    .map(([name, count]) => `${name} (${counted(count, "value", "values")})`)
    .join(", ");
}
