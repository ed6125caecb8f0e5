import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { dictionaries } from "../../src/database/vault/dictionaries.ts";
import { createVault } from "../../src/database/vault/vault.ts";
import { beginningHash, nameHashes } from "../../src/settle/name-hashes.ts";

const vault = createVault(Buffer.alloc(32, 1));
const event = JSON.stringify({
  id: "evt_1",
  type: "payment.completed",
  data: { phone: "+254712345678", n: "x".repeat(90) },
});

test("a sealed value opens in its own row and column alone, and hides its text", () => {
  for (const text of ["", "+254712345678", event]) {
    const sealed = vault.seal("events", "a", text);
    expect(vault.open("events", "a", sealed).toString()).toBe(text);
    expect(sealed.includes("254712345678")).toBe(false);
    expect(() => vault.open("events", "b", sealed)).toThrow(/does not open/);
    expect(() => vault.open("evidence", "a", sealed)).toThrow(/does not open/);
    expect(() => createVault(Buffer.alloc(32, 2)).open("events", "a", sealed)).toThrow(/does not open/);
  }
});

test("a locked vault seals and opens nothing", () => {
  expect(() => createVault().seal("events", "a", "text")).toThrow(/locked/);
});

test("the dictionaries never change: what was sealed with them could not be read", () => {
  const digests = dictionaries.slice(1).map(each => createHash("sha256").update(each!).digest("hex").slice(0, 16));
  expect(digests).toEqual(["00ccb2e67432868f", "6de342b1732ae639", "29951ca0247f34ff"]);
});

test("a name is found by its beginnings in any case, of three characters and more", () => {
  const hashes = nameHashes("Jane  Wanjiku", vault)!;
  expect(hashes).toHaveLength(8);
  for (const beginning of ["jan", "JANE W", "jane wanjiku"]) {
    expect(hashes).toContain(beginningHash(beginning, vault));
  }
  expect(hashes).not.toContain(beginningHash("wan", vault));
  expect(beginningHash("ja", vault)).toBe(null);
  expect(nameHashes("Jo", vault)).toBe(null);
});
