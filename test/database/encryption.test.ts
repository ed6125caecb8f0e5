import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { constantTimeEqual, hashToken, makeSecretBox } from "../../src/database/encryption.ts";

const oldKey = { id: "old", key: randomBytes(32) };
const newKey = { id: "new", key: randomBytes(32) };
const context = "connections.credentials:con_1";

test("what is sealed opens again, whatever the text", () => {
  const box = makeSecretBox([newKey]);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, where) => {
      expect(box.open(box.seal(text, where), where)).toBe(text);
    }),
  );
});

test("a sealed value shows neither the text nor whether two texts are equal", () => {
  const box = makeSecretBox([newKey]);
  const sealed = box.seal("consumer-secret", context);
  expect(sealed).toMatch(/^v1:new:[\w-]+$/);
  expect(Buffer.from(sealed.split(":")[2]!, "base64url").toString("latin1")).not.toContain("consumer-secret");
  expect(box.seal("consumer-secret", context)).not.toBe(sealed);
});

test("a value moved to another row does not open", () => {
  const box = makeSecretBox([newKey]);
  expect(() => box.open(box.seal("s", context), "connections.credentials:con_2")).toThrow(/moved value/);
});

test("after a rotation the new key writes and the old one still reads", () => {
  const before = makeSecretBox([oldKey]).seal("s", context);
  const box = makeSecretBox([newKey, oldKey]);
  expect(box.open(before, context)).toBe("s");
  expect(box.keyIdOf(before)).toBe("old");
  expect(box.keyIdOf(box.seal("s", context))).toBe(box.writesWith);
  expect(box.writesWith).toBe("new");
});

test("a process that opens a value sealed with a newly added first key seals with that key too", () => {
  const rotated = makeSecretBox([newKey, oldKey]).seal("s", context);
  const box = makeSecretBox([oldKey], () => [newKey, oldKey]);
  expect(box.writesWith).toBe("old");
  expect(box.open(rotated, context)).toBe("s");
  expect(box.keyIdOf(box.seal("s", context))).toBe("new");
});

test("a missing key is named, and no secret is", () => {
  const sealed = makeSecretBox([oldKey]).seal("hush", context);
  expect(() => makeSecretBox([newKey]).open(sealed, context)).toThrow(/secret key "old" is missing.*con_1/);
  const sameName = makeSecretBox([{ id: "old", key: newKey.key }]);
  expect(() => sameName.open(sealed, context)).toThrow(/does not open with secret key "old"/);
});

test("no changed byte and no other key id goes unnoticed", () => {
  const box = makeSecretBox([newKey, { id: "twin", key: newKey.key }]);
  const sealed = box.seal("fifty", context);
  expect(() => box.open(sealed.replace("v1:new:", "v1:twin:"), context)).toThrow();
  const bytes = Buffer.from(sealed.split(":")[2]!, "base64url");
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    expect(() => box.open(`v1:new:${changed.toString("base64url")}`, context)).toThrow();
  }
});

test.each(["", "hush", "v1:new:", "v1:new:AAAA", "v2:new:AAAA", "v1:a b:AAAA"])("%j is not a sealed value", text => {
  expect(() => makeSecretBox([newKey]).open(text, context)).toThrow("not a sealed value");
});

test("a box without a key, or with a short one, is refused", () => {
  expect(() => makeSecretBox([])).toThrow(/HAKIKA_SECRET_KEY/);
  expect(() => makeSecretBox([{ id: "short", key: Buffer.alloc(16) }])).toThrow(/16 bytes/);
});

test("a token's hash is SHA-256", () => {
  expect(hashToken("abc").toString("hex")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("two texts are equal exactly when their bytes are", () => {
  expect(constantTimeEqual("secret", Buffer.from("secret"))).toBe(true);
  expect(constantTimeEqual("secret", "secre")).toBe(false);
  expect(constantTimeEqual("", "")).toBe(true);
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => constantTimeEqual(a, b) === Buffer.from(a).equals(Buffer.from(b))),
  );
});
