/** A key of AES-256 (32 bytes), and the id that marks the values it sealed. */
export type SecretKey = { id: string; key: Buffer };

/** Reads `key` (its id is `1`) or `id:key,id:key`, keys in base64 of 32 bytes; null where the text is neither. */
export function parseSecretKeys(text: string): SecretKey[] | null {
  const keys: SecretKey[] = [];
  for (const item of text.split(",")) {
    const [, id = "1", base64 = ""] = /^(?:([\w-]{1,32}):)?([\w+/-]{43}=?)$/.exec(item.trim()) ?? [];
    const key = Buffer.from(base64, "base64");
    if (key.length !== 32 || keys.some(known => known.id === id)) return null;
    keys.push({ id, key });
  }
  return keys;
}
