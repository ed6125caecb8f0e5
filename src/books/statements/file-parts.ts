import { createHash } from "node:crypto";
import type { Sql } from "../../database/connect.ts";
import type { SecretBox } from "../../database/encryption.ts";
import { sealContext } from "../../database/seal-contexts.ts";
import { insertPart, readPart } from "./upload-store.ts";

/** Of a file; the largest that is taken. */
export const fileBytesMax = 50 * 1024 * 1024;
const partBytes = 512 * 1024;

type PartsDeps = { sql: Sql; box: SecretBox };

export type KeptFile = { kind: "kept"; bytes: number; digest: Buffer } | { kind: "too-large" };

/** Keeps a file in sealed parts while it arrives: one part of it is in memory. */
export async function keepFile(
  { sql, box }: PartsDeps,
  { shard, statementId }: { shard: number; statementId: string },
  body: AsyncIterable<Uint8Array>,
): Promise<KeptFile> {
  const digest = createHash("sha256");
  let bytes = 0;
  let part = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const keep = async () => {
    const text = Buffer.concat(waiting).toString("latin1");
    await insertPart(
      sql,
      shard,
      statementId,
      part,
      box.seal(text, sealContext.statementPart(statementId, String(part))),
    );
    part += 1;
    waiting = [];
    waitingBytes = 0;
  };
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > fileBytesMax) return { kind: "too-large" };
    digest.update(chunk);
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes >= partBytes) await keep();
  }
  if (waitingBytes > 0) await keep();
  return { kind: "kept", bytes, digest: digest.digest() };
}

/** The bytes of a kept file, part by part. */
export async function* fileParts(
  { sql, box }: PartsDeps,
  { shard, statementId }: { shard: number; statementId: string },
): AsyncGenerator<Buffer> {
  for (let part = 0; ; part += 1) {
    const sealed = await readPart(sql, shard, statementId, part);
    if (sealed === null) return;
    yield Buffer.from(box.open(sealed, sealContext.statementPart(statementId, String(part))), "latin1");
  }
}
