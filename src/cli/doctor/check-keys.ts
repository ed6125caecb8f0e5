import type { Config } from "../../app/config.ts";
import { ensureGeneratedKeys } from "../../app/generated-keys.ts";
import type { Sql } from "../../database/connect.ts";
import { makeSecretBox, type SecretBox } from "../../database/encryption.ts";
import { countSealed, type SealedCounts, type ValueCounts } from "../keys/reseal.ts";
import { counted, type DoctorFinding, note, problem } from "./finding.ts";

/** Checks that every sealed value opens with its key. Returns the box too. */
export async function checkKeys(config: Config, sql: Sql): Promise<{ findings: DoctorFinding[]; box: SecretBox }> {
  const keys = ensureGeneratedKeys(
    { ...config, adminKey: config.adminKey ?? "not used here" },
    { makesSecretKey: false },
  ).secretKeys;
  const box = makeSecretBox(keys);
  const known = new Set(keys.map(({ id }) => id));
  const counts = await countSealed(sql, box, known);
  const where = config.secretKeys === null ? "secret.key of the data folder" : "HAKIKA_SECRET_KEY";
  return { box, findings: findingsOf(counts, known, box.writesWith, where) };
}

function findingsOf(
  { byKey, unopened }: SealedCounts,
  known: ReadonlySet<string>,
  writesWith: string,
  where: string,
): DoctorFinding[] {
  const findings: DoctorFinding[] = [];
  const missing = pick(byKey, id => !known.has(id));
  const old = pick(byKey, id => known.has(id) && id !== writesWith);
  if (sum(missing) > 0) {
    const todo = `add them to ${where} again, after the first key (from a backup: no other key opens these values)`;
    findings.push(problem(`values are sealed with keys that are missing: ${listOf(missing)}`, todo));
  }
  if (sum(unopened) > 0) {
    const isAll = sum(unopened) === sum(pick(byKey, id => known.has(id)));
    findings.push(unopenedFinding(unopened, isAll, where));
  }
  if (sum(old) > 0) findings.push(note(`values are sealed with older keys: ${listOf(old)}`, "hakika keys rotate"));
  return findings;
}

/** Where no value opens, the key is a different one. Where some do not, rows were changed. */
function unopenedFinding(unopened: ValueCounts, isAll: boolean, where: string): DoctorFinding {
  const what = counted(sum(unopened), "sealed value does not open", "sealed values do not open");
  return isAll
    ? problem(
        `${what}: ${where} has another key, under the same id, than the one that sealed them`,
        "restore the former key; a new key goes before it, under an id of its own: new:<base64>,1:<base64>",
      )
    : problem(
        `${what}, because rows were changed or moved: ${listOf(unopened)}`,
        "restore those rows from a backup, or set their credentials, verification or secrets again",
      );
}

function pick(counts: ValueCounts, wanted: (id: string) => boolean): ValueCounts {
  return Object.fromEntries(Object.entries(counts).filter(([id]) => wanted(id)));
}

function sum(counts: ValueCounts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function listOf(counts: ValueCounts): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} (${counted(count, "value", "values")})`)
    .join(", ");
}
