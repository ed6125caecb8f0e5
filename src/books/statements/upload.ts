import type { Connection } from "../../connections/connection.ts";
import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { newUuid } from "../../domain/ids.ts";
import { keepFile } from "./file-parts.ts";
import type { NamedColumns } from "./read/header.ts";
import type { StatementState } from "./statement-row.ts";
import { moveParts } from "./upload-again.ts";
import { deleteParts, insertStatement, statementOfDigest, type UploadedFile } from "./upload-store.ts";

type Uploaded =
  | { kind: "uploaded"; id: string; state: StatementState; isNew: boolean }
  | { kind: "too-large" }
  | { kind: "empty" };

/**
 * Keeps an uploaded statement, to be imported by the worker. The same bytes are the same statement, which is imported
 * once; after a failure it is imported again. Rejects where the upload breaks off: nothing of it is left then.
 */
export async function uploadStatement(
  deps: { sql: Sql; box: SecretBox },
  { shard, id: connectionId, merchantId }: Pick<Connection, "shard" | "id" | "merchantId">,
  columns: NamedColumns | null,
  body: AsyncIterable<Uint8Array>,
): Promise<Uploaded> {
  const { sql } = deps;
  const id = newUuid(shard);
  let isKept = false;
  try {
    const kept = await keepFile(deps, { shard, statementId: id }, body);
    if (kept.kind === "too-large") return kept;
    if (kept.bytes === 0) return { kind: "empty" };
    const file: UploadedFile = { id, merchantId, connectionId, columns, digest: kept.digest, bytes: kept.bytes };
    if ((await insertStatement(sql, shard, file)) !== null) {
      isKept = true;
      return { kind: "uploaded", id, state: "importing", isNew: true };
    }
    const known = (await statementOfDigest(sql, shard, file))!;
    if (known.state !== "failed") return { kind: "uploaded", ...known, isNew: false };
    await moveParts(deps, shard, file, known.id);
    return { kind: "uploaded", id: known.id, state: "importing", isNew: true };
  } finally {
    if (!isKept) await deleteParts(sql, shard, id);
  }
}
