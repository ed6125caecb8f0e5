import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { fileParts, keepFile } from "./file-parts.ts";
import { beginAgain, deleteParts, type UploadedFile } from "./upload-store.ts";

/** Gives a failed statement the file of a new upload, sealed under the statement's own id, and begins it again. */
export async function moveParts(
  deps: { sql: Sql; box: SecretBox },
  shard: number,
  file: UploadedFile,
  statementId: string,
): Promise<void> {
  await deleteParts(deps.sql, shard, statementId);
  await keepFile(deps, { shard, statementId }, fileParts(deps, { shard, statementId: file.id }));
  await beginAgain(deps.sql, shard, statementId, file);
}
