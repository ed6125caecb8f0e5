import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import type { DataSubject } from "../../privacy/person.ts";
import { deleteAnswers, storedAnswers } from "./answers-store.ts";

/** Deletes the stored answers of a shard that name a person, and returns how many. */
export async function eraseAnswers(sql: Sql, shard: number, person: DataSubject, box: SecretBox): Promise<number> {
  const naming = (await storedAnswers(sql, shard)).filter(({ scope, key, answer }) =>
    person.isNamedIn(box.open(answer, sealContext.idempotentAnswer(scope, key))),
  );
  await deleteAnswers(sql, shard, naming);
  return naming.length;
}
