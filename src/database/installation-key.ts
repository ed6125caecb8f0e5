import { createHash, createHmac, randomBytes } from "node:crypto";
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

/** Keyed hashes (16 bytes) by which phones are searched, so that an index holds no plain numbers. */
export type PhoneHasher = {
  /** Of a number in E.164: the keyed hash of the SHA-256 of its digits. */
  ofPhone(phone: string): Buffer;
  /** The same, where only the SHA-256 of the digits is known, in lower-case hex. */
  ofSha256(hex: string): Buffer;
  /** Of an account or address that is compared in any letter case, without blanks and dashes. */
  ofAccount(account: string): Buffer;
  /** As numbers were hashed before version 2: without SHA-256. Rows of that time have it. */
  ofPhoneBefore(phone: string): Buffer;
};

export function phoneHasher(key: Buffer): PhoneHasher {
  const keyed = (text: string) => createHmac("sha256", key).update(text).digest().subarray(0, 16);
  return {
    ofPhone: phone => keyed(createHash("sha256").update(phone.replaceAll(/\D/g, "")).digest("hex")),
    ofSha256: keyed,
    ofAccount: account => keyed(`account|${account.toLowerCase().replaceAll(/[\s-]/g, "")}`),
    ofPhoneBefore: keyed,
  };
}
