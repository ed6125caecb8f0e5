import { createHmac, randomBytes } from "node:crypto";
import type { Sql } from "./connect.ts";
import type { SecretBox } from "./encryption.ts";

/** The installation's key that chains the audit. */
export const auditKeyName = "audit-chain";

/** A sealed key of the installation. The first process that asks for it makes it. */
export async function installationKey(sql: Sql, box: SecretBox, name: string): Promise<Buffer> {
  const fresh = box.seal(randomBytes(32).toString("base64"), contextOf(name));
  await sql`insert into installation_keys (name, sealed) values (${name}, ${fresh}) on conflict do nothing`;
  const [row] = await sql<{ sealed: string }[]>`select sealed from installation_keys where name = ${name}`;
  return openInstallationKey(box, name, row!.sealed);
}

/** Opens a sealed key of the installation. Throws where the secret key is another. */
export function openInstallationKey(box: SecretBox, name: string, sealed: string): Buffer {
  return Buffer.from(box.open(sealed, contextOf(name)), "base64");
}

function contextOf(name: string): string {
  return `installation_keys.sealed:${name}`;
}

/** Phones are searched by this keyed hash (16 bytes), so that an index holds no plain numbers. */
export function phoneHasher(key: Buffer): (phone: string) => Buffer {
  return phone => createHmac("sha256", key).update(phone).digest().subarray(0, 16);
}
